/** Bounds of Disco's interface, each with its unit and reason. */

/** Body of a change of a tag, bytes: a million long URLs. Disco allowed 512 MiB, which is longer than a text can be here. */
export const tagBodyBytesMax = 256 * 1024 * 1024

/** A job pack, bytes, as the cluster's own limit. */
export const packBytesMax = 256 * 1024 * 1024

/** Transfers to and from one node through this port, and how many may wait for them: as in Disco, whose clients try 503 again. */
export const transfersActiveMax = 3
export const transfersWaitingMax = 100

/** For a transfer to begin, milliseconds. */
export const transferWaitMs = 60_000

/** A delayed change is made so long after the first one that asked for it, milliseconds. */
export const delayedMs = 1000

/** Blobs that were just asked for or stored: to say that a name is taken, and which node its bytes go to. */
export const uploadsRememberedMax = 50_000

/** Jobs that a client said to forget. */
export const cleanedJobsMax = 100_000

/** Somebody else changed a tag between the look at it and the change: it is looked at again so many times. */
export const changedMeanwhileMax = 20

/** One wait for a job, milliseconds: Disco's clients bear any, proxies between do not. */
export const waitMsMax = 10 * 60_000

/** Events of one `jobevents`. */
export const eventsShownMax = 1000

/** Bytes of the text of one event. */
export const eventCharsMax = 8192
