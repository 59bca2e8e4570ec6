/** Nothing comes from a query for so long: it is given up. The server tells its progress many times a second. Milliseconds. */
export const queryIdleMs = 600_000

/** A killed query is not waited for. Milliseconds. */
export const killMs = 5000

/** A run does not wait longer until the table of its rows is dropped. Milliseconds. */
export const dropMs = 30_000

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

/** A table with the rows of a run that was killed stays so long: no run takes longer. Milliseconds. */
export const stageKeptMs = 7 * 86_400_000

/** Between two looks at how far an insert has come, which says nothing itself. Milliseconds. */
export const lookAtInsertMs = 1000

/** Between two signs of life of an insert: before it is given up as idle. Some 60 of them fit into the headers of an answer: 8 hours. Milliseconds. */
export const insertAliveMs = 500_000
