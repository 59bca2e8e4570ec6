/** Arrays and objects inside each other that a query can judge; a record that is nested deeper makes the run stop. */
export const nestingMax = 8

/** Bytes of a line: the readers' own limit. */
export const lineBytesMax = 16 * 1024 * 1024

/** Digits of an integer that is kept as text. */
export const integerDigitsMax = 50

/**
 * Digits before the point of a number that is added up. With 22 decimal places 10^14 of them fit a Decimal256 of ClickHouse, whose
 * sums begin anew at the other end when they are too large, without a word.
 */
export const summandDigitsMax = 40

/** Rows of a lookup table that are written into a query: each is a few dozen bytes of its text. */
export const lookupRowsMax = 10_000

/** Characters of a query without its source. ClickHouse parses 256 KiB by default, and plans a third of that in several seconds. */
export const queryCharsMax = 200_000

/** Subqueries inside each other. ClickHouse allows 100 by default. */
export const queryDepthMax = 90

/** Bytes of a line of CSV that is judged: no cell of it can be longer than the reader's limit of characters. */
export const csvLineBytesMax = 131_072
