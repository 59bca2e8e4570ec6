/** Limits of the rule language. Each has a unit and a reason. */

/** Characters. Rule and keyset names become file names, `RULE.KEYSET.csv` has to stay under the 255 bytes of file systems. */
export const nameCharsMax = 100

/** Days. A hundred years of daily tags: more is a slip, and every day is a look-up. */
export const dayRangeMax = 36_525

/** Partitions. Each one is a sorted run that is merged; more than this only costs file handles. */
export const partitionCountMax = 10_000

/** Distinct values held exactly per group before the estimate takes over. */
export const distinctExactUpTo = 10_000

/** Distinct values per group. Eight bytes each and more: a million of them per group is what a machine can hold at all. */
export const distinctExactUpToMax = 1_000_000

/** Entries of a topK cell: it is printed into one cell of one row. */
export const topKDefault = 10
export const topKMax = 1000

/** Bounds of a histogram: one counter per bucket and group. */
export const histogramBoundCountMax = 1000

/** Values of a collect cell: kept per group, printed into one cell. */
export const collectDefault = 100
export const collectMax = 10_000

/** Problems shown for one rule: the first ones explain the rest. */
export const problemCountShownMax = 50

/** Levels of rules among the sources of rules. Real ones have two or three; this only stops a runaway generator. */
export const nestedRuleDepthMax = 32
