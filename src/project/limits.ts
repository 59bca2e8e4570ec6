/** Limits of this module, each with its unit and its reason. */

/** Records that infer looks at: enough for shares and distinct counts that mean something, read in well under a second. */
export const inferRecordCountMax = 10_000
/** Fields that infer keeps: data whose field names are ids would otherwise propose thousands of columns. */
export const inferFieldCountMax = 400
/** Levels of nested objects that infer follows; deeper ones are rarely grouped by. */
export const inferDepthMax = 6
/** Characters of a value that infer compares and shows: a long text is no key, its beginning tells what it is. */
export const inferValueCharsMax = 120
/** Different example values kept for each field. */
export const inferExampleCountMax = 3
/** Lines that decide the format of a file. */
export const guessLineCountMax = 60
/** Rows of each kind (missing, unexpected, changed) that a difference shows for each keyset; more are only counted. */
export const differenceRowCountMax = 20
/** Columns of a line of rule source, as in the formatter's settings of the templates. */
export const sourceColumnCountMax = 120
/** Records in which a field that no record had is looked for: enough to see names, read at once. */
export const missingFieldRecordCountMax = 100
/** Records in which a field that the first ones lack is looked for before all are read: some ten milliseconds. */
export const presenceSampleCount = 100_000
/** Bytes in which a header is looked for: longer ones than this have been seen nowhere. */
export const headerBytes = 64 * 1024
/** Names of fields that a message lists: about two lines. */
export const namesShownMax = 20
