/** Nothing comes from a query for so long: it is given up. The server tells its progress many times a second. Milliseconds. */
export const queryIdleMs = 600_000

/** A killed query is not waited for. Milliseconds. */
export const killMs = 5000

/** Rows of one answer, which are held in memory and sorted: about a gigabyte. */
export const answerRowsMax = 2_000_000

/** Signed URLs are good so long: a query must have begun with the last blob by then. Milliseconds. */
export const readUrlMs = 6 * 3_600_000

/** Blobs whose URLs are asked for at once: an answer of a few hundred kilobytes. */
export const signedCountMax = 200

/** First bytes of blobs that are looked at, at the same time. */
export const lookingMax = 8

/** Milliseconds for one such look. */
export const lookMs = 30_000
