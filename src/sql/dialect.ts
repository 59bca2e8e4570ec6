/** How texts become the registers of an estimate of how many different ones there are (src/engine/columns/hyper-log-log.ts). */
export interface Sketch {
  /** SQL of what a text gives to the registers. @param add - names an expression, so that it is computed once */
  entry(add: (expression: string) => string, text: string): string
  /** How many registers have which rank, as `RANK:COUNT,…`; empty text where that is not needed. */
  counts(entry: string, condition: string, isNeeded: string): string
}

/** What ClickHouse and DuckDB say differently. Both search with RE2, so patterns are shared. Arguments and results are SQL. */
export interface Dialect {
  readonly name: 'clickhouse' | 'duckdb'
  /** A constant. */
  text(value: string): string
  identifier(name: string): string
  matches(text: string, pattern: string): string
  /** Every match; `\1` in the replacement is the first group. */
  replaceAll(text: string, pattern: string, replacement: string): string
  /** The group of the first match; empty text without one. */
  extract(text: string, pattern: string, group: number): string
  byteCount(text: string): string
  /** Of a line. */
  isUtf8(text: string): string
  /** True only for JSON, false for perhaps not: saves the long way. */
  isSurelyJson(text: string): string
  /** An array of what the group matched, match by match. */
  everyMatch(text: string, pattern: string, group: 1 | 2): string
  /** An array with what an expression makes of each text of an array. */
  eachText(array: string, make: (text: string) => string): string
  /** The texts of an array, one behind the other. */
  joined(array: string): string
  elementCount(array: string): string
  /** Empty text for a place that the array has not. @param place - from 1 */
  elementAt(array: string, place: string): string
  /** The place of the last element that is equal; 0 without one. */
  lastIndex(array: string, text: string): string
  /** The value whose name is the last one to be equal; empty text without one. */
  lastNamed(names: string, values: string, name: string): string
  /** Text of a JSON string with its quotes. */
  decoded(json: string): string
  /** The text whose UTF-8 is this, in hexadecimal; empty where it is none. */
  utf8OfHex(hex: string): string
  /** The nearest double, null for what is no number. */
  double(text: string): string
  /** As JavaScript prints a double below 2^53 that is not 0. */
  doubleText(double: string): string
  /** An exact number with 22 decimal places; null when it has no room. */
  decimal(text: string): string
  /** Plain digits without zeros at the end of a fraction. */
  decimalText(decimal: string): string
  /** The integer that digits stand for; 0 for other text. */
  integer(digits: string): string
  /** A double without fraction as an integer, which it fits. */
  whole(double: string): string
  /** Of integers that are not negative, without the rest. */
  quotient(dividend: string, divisor: string): string
  /** How many of some ascending numbers are at or below a number. */
  countUpTo(numbers: readonly number[], number: string): string
  /** @param place - from 1, and there */
  numberAt(numbers: readonly number[], place: string): string
  /** Of letters beyond ASCII, too. */
  changedCase(to: 'lower' | 'upper', text: string): string
  position(text: string, part: string): string
  startsWith(text: string, part: string): string
  endsWith(text: string, part: string): string
  /** The first characters, by code point. */
  firstCharacters(text: string, count: number): string
  /** Hexadecimal, lower case. */
  sha256(text: string): string
  padLeft(text: string, width: number, fill: string): string
  countIf(condition: string): string
  /** 0 without any. */
  sumIf(value: string, condition: string): string
  /** Null without any. */
  extremeIf(which: 'min' | 'max', value: string, condition: string): string
  distinctIf(value: string, condition: string): string
  asText(value: string): string
  /** JSON of an array: the first different texts by code point. */
  distinctTexts(text: string, countMax: number, condition: string): string
  /** JSON of an array of `{value, count}`: the most frequent texts, those of equal counts by code point. */
  frequentTexts(text: string, countMax: number, condition: string): string
  /** The least or greatest row of several values that compare one after the other. @returns SQL of one of them, null without any row */
  extremeRow(which: 'min' | 'max', values: readonly string[], condition: string): (place: number) => string
  /** Text `BUCKET:COUNT,…` of doubles, by exponent and the top 8 bits of the mantissa; undefined: no way is known. */
  readonly bucketCounts?: (double: string, condition: string) => string
  /** Sums of squares of decimals below 10^16, by their 10^44ths: those that are multiples of 10^38, and the rest; see aggregates. */
  readonly squareSums?: (decimal: string, condition: string) => readonly [high: string, low: string]
  /** Undefined: no way is known. */
  readonly sketch?: Sketch
  /** A row for each element of an array, which is not empty. */
  eachRow(array: string): string
  /** An array of the empty text and the elements of another array. */
  afterEmpty(array: string): string
  /** Text that no other row has. */
  readonly rowId: string
  /** A query with the lines of files as column `line`. @param path - a path or a glob of the engine's, as SQL */
  fileLines(path: string): string
  /**
   * The same with columns `header`, the first line of the file that is not blank, and `is_header`. A byte order mark at the beginning of
   * a file is taken away.
   */
  fileLinesWithHeader(path: string): string
  readonly settings: string
}
