/** Bounds of jobs on a cluster, each with its unit and reason. */

/** A job pack, bytes: code and small files. Data belongs into tags. */
export const packBytesMax = 256 * 1024 * 1024

/** Events of the scheduler that share one transaction: one write to the disk for many tasks that end at once. */
export const eventsPerCommitMax = 500

/** Ends of tiny tasks wait for each other as long as the last commit took, milliseconds: half of the time is for other things. */
export const commitPauseMsMax = 10

/** For an agent to say that it has an order, milliseconds. It answers before it begins. */
export const orderMs = 10_000

/** For an agent to copy some files into DDFS, milliseconds. */
export const saveMs = 30 * 60_000

/** Files of one order to save: a lost answer costs so many again. */
export const filesPerSaveMax = 16

/** A client waits no longer with one request, milliseconds: well below what ends an idle connection. */
export const waitMsMax = 20_000

/** Tasks of one answer. */
export const taskPageMax = 1000

/** Events read from the journal for one answer that wants few of them: some ten milliseconds. */
export const eventsLookedAtMax = 10_000

/** Jobs of one answer. */
export const jobPageMax = 1000

/** Inputs of one job: the list is kept in memory while the job runs. */
export const jobInputsMax = 1_000_000

/** Of an index of inputs that is fetched when a job is submitted: bytes, some hundred thousand lines, and milliseconds. */
export const indexBytesMax = 64 * 1024 * 1024
export const indexFetchMs = 30_000

/** Progress of a run is told so often at most, milliseconds: twice a second. */
export const progressEveryMs = 500

/** Messages of a run that are told in the same half second; more are dropped and counted. */
export const messagesPerNoticeMax = 100

/** How often the agent looks at disk and memory, milliseconds. */
export const statusEveryMs = 5000

/** Bytes that must stay free on the disk of the jobs' folder: below it no run is begun. */
export const jobFreeBytesMin = 64 * 1024 * 1024

/** A blob's blocks that were compared with their checksums are believed for so long, milliseconds: the rules of one day's logs. */
export const verifiedMs = 24 * 3600 * 1000

/**
 * A blob that this node wrote is believed for so long, milliseconds: what is read within minutes comes from memory, and comparing that
 * proves nothing of the disk.
 */
export const writtenMs = 15 * 60 * 1000

/** Blobs of which that is known: two hundred bytes each. */
export const verifiedFilesMax = 100_000

/** Milliseconds between two tries to write the journal to a full disk. */
export const roomPauseMs = 1000
