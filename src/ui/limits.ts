/** Time over which the speed is smoothed: steady enough to read, quick enough to show a change. */
export const speedWindowMs = 3000

/** Time before which no speed is shown: the first bytes of a file, or of a server, come all at once. */
export const speedAfterMs = 1000

/** Bytes from which the account of a run below a second says its speed: of less, starting is all that was measured. */
export const speedBytesMin = 10_000_000

/** Time before which nothing is known about the time left. */
export const etaAfterMs = 1000

/** Shorter runs end before a screen would be read, and should not pay for loading Ink (about 100 ms). */
export const screenAfterMs = 300

/** Least time between two frames: ten a second are fluent, more only flicker over ssh. */
export const frameMs = 100

/** Time between two plain lines, unless said otherwise: a log of a long run stays short. */
export const plainIntervalMs = 3000

/** Smallest terminal that a screen is drawn on; below it, plain lines. */
export const screenColumnsMin = 40
export const screenRowsMin = 4

/** Lines of thread bars: the screen stays small on machines with many cores. */
export const threadLineCountMax = 4

/** Stages shown of a job that is waited for: the lines above stay in sight. */
export const jobStageLineMax = 8

/** Entries of one list in the account; the rest is counted. */
export const listCountMax = 10

/** Bad records shown with their text. */
export const sampleShownCountMax = 5
