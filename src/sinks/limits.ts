/** Rows of a keyset that are read ahead to settle its header and column widths: bounds memory, enough to be typical. */
export const sampleRowCountMax = 1000

/** Characters of lines that csv gives at once: few steps of the chain behind it, and short-lived text. */
export const chunkCharsMax = 8 * 1024

/** Characters collected before a write: large enough that system calls do not matter, small enough to stop quickly. */
export const batchCharsMax = 64 * 1024

/** Terminal columns of one table cell; longer text is cut, or one URL would push every other column away. */
export const cellWidthMax = 60

/** Terminal columns below which a text column is not squeezed: less says nothing. */
export const cellWidthMin = 8

/** Bytes of a keyset's name that leave room for `.`, the extension and the temporary suffix in a 255-byte file name. */
export const keysetNameBytesMax = 200

/** Bytes that are worth a write of their own, when text comes as bytes. */
export const batchBytesMin = 64 * 1024
