/** Limits of running over tags, each with its unit and its reason. */

/** Large tags whose entries are asked for at once: enough to hide the way there and back, few enough for one master. */
export const tagReadsMax = 8
/** Parts of a result that are fetched at the same time: they come from one node. */
export const partialsFetchedMax = 4
/** Results of an inner rule that are kept for a repeat. Older ones go. */
export const innerResultsKeptMax = 8
/** Tries of what may be repeated: tags and archive (spec 8.3); sinks repeat by themselves. The waits between them double, from this one. */
export const tryCountMax = 6
export const firstWaitMs = 1000
/** Names of tags that are compared when one does not exist: a slip of the finger is found among these or not at all. */
export const namesComparedMax = 20_000
/** Blobs and tags that a dry run shows by name; the others are counted. */
export const shownMax = 20
/** Blobs that a dry run names because they would be skipped: the sum before them says the rest. */
export const skipsShownMax = 5
/** Days of one backfill: ten years. More is a slip. */
export const backfillDaysMax = 3660
/** Tags whose history a report reads to say when their blobs came: up to a thousand lines each. */
export const historiesReadMax = 64
/** Tries to replace rows under a result tag that others change meanwhile: each fails only because somebody else was done. */
export const replaceTriesMax = 16
/** Rows on their way to a result tag that nobody touched for so long were left by a run that was killed: it takes seconds. Milliseconds. */
export const stagingAgeMsMax = 24 * 3_600_000
