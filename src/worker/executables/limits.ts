/** Bounds of workers of other languages, each with its unit and reason. */

/** Bytes of a job home, unpacked, and files in it: Disco's client packs its whole library, some megabytes. */
export const homeBytesMax = 512 * 1024 * 1024
export const homeFileCountMax = 20_000

/** Bytes of memory of a worker and what it started, when the job says nothing: interpreters with data in them. */
export const workerMemoryBytesDefault = 2 * 1024 * 1024 * 1024

/** Seconds of one run when the job says nothing. Disco knows no limit; a hung worker must not hold its slot for ever. */
export const workerSecondsDefault = 24 * 3600

/** Milliseconds between two looks at a worker's time, silence and memory. */
export const watchMs = 250

/** After bytes that are no protocol: silence that ends the waiting for the worker's last words, and bytes of them. */
export const lastWordsSilenceMs = 10_000
export const lastWordsBytesMax = 100 * 1024

/** Bytes of last words that are kept for the error. */
export const lastWordsKeptBytes = 4096

/** Pipes of an ended worker get so long to give what is in them, milliseconds; what it started may hold them open. */
export const drainMs = 1000

/** Bytes of answers that wait for a worker which does not read them; nothing more is done for it meanwhile. */
export const repliesWaitingBytesMax = 1024 * 1024

/** Processes of one worker that are looked at. */
export const processCountMax = 1000
