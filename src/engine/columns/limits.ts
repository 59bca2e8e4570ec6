/** Decimal places that sums keep in doubles; finer ones are rare and go to big integers, group by group. */
export const denseScaleMax = 9

/** What one entry of a sparse map costs, with its big integer of a few words: estimated, on the safe side. */
export const sparseEntryBytes = 128

/** What one object per group costs beside its texts: array slot, object, boxed number; estimated. */
export const groupObjectBytes = 96

/** Header of a text on the heap. */
export const textOverheadBytes = 24
