/** Limits of the readers, each with its unit and reason. */

/** Bytes of one record (a line, or a CSV record with its quoted newlines): what a reader holds at most of unread input. */
export const recordBytesMax = 16 * 1024 * 1024

/** Bytes that are decoded at once: large enough that calls vanish, small enough that text and bytes stay in the first caches. */
export const blockBytes = 64 * 1024

/** Characters of a CSV cell; the limit of the CSV reader that rules were written for. */
export const cellCharsMax = 131_072

/**
 * Bytes of a quoted CSV cell that may pass without its closing quote, before the quote counts as a stray one. No legal cell
 * is longer: UTF-8 takes at most 3 bytes for a character as JavaScript counts them, a doubled quote takes 2.
 */
export const openCellBytesMax = 4 * cellCharsMax

/** Characters of a bad record that are handed on: enough to mend it by hand, bounded because many can be bad. */
export const badTextCharsMax = 64 * 1024

/** Characters of an error message that says why a record is bad. */
export const detailCharsMax = 120

/** Bytes that are read at a time to find the names in the first record: most first records are shorter. */
export const namesStepBytes = 4 * 1024

/** Places where a record of CSV may begin that are tried one after the other: each costs the time to follow it. */
export const recordStartsMax = 64

/** Bytes before and behind a quote that are looked at first for where records begin: a few records. */
export const nearQuoteBytes = 1024
