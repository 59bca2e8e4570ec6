import type {Dialect} from './dialect.ts'

/** Without (?-s) a dot would match newlines, which it does nowhere else. */
const pattern = (text: string): string => literal(`(?-s)${text}`)

function literal(value: string): string {
  return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\0', '\\0')}'`
}

/** ClickHouse; tried with 26.7. */
export const clickhouse: Dialect = {
  name: 'clickhouse',
  text: literal,
  identifier: name => `\`${name.replaceAll('\\', '\\\\').replaceAll('`', '\\`')}\``,
  matches: (text, search) => `match(${text}, ${pattern(search)})`,
  replaceAll: (text, search, replacement) => `replaceRegexpAll(${text}, ${pattern(search)}, ${literal(replacement)})`,
  extract: (text, search, group) => `regexpExtract(${text}, ${pattern(search)}, ${group})`,
  byteCount: text => `length(${text})`,
  isUtf8: text => `isValidUTF8(${text})`,
  isSurelyJson: text => `isValidJSON(${text})`,
  everyMatch: (text, search, group) => `extractAllGroupsHorizontal(${text}, ${pattern(search)})[${group}]`,
  eachDecoded: array => `arrayMap(name -> JSONExtractString(name), ${array})`,
  lastNamed: (names, values, name) => `${values}[arrayLastIndex(name -> name = ${name}, ${names})]`,
  decoded: json => `JSONExtractString(${json})`,
  double: text => `toFloat64OrNull(${text})`,
  doubleText: double => `toString(${double})`,
  decimal: text => `toDecimal256OrNull(${text}, 22)`,
  decimalText: decimal => `toString(${decimal})`,
  position: (text, part) => `position(${text}, ${part}) > 0`,
  startsWith: (text, part) => `startsWith(${text}, ${part})`,
  endsWith: (text, part) => `endsWith(${text}, ${part})`,
  firstCharacters: (text, count) => `substringUTF8(${text}, 1, ${count})`,
  sha256: text => `lower(hex(SHA256(${text})))`,
  padLeft: (text, width, fill) =>
    `if(length(${text}) < ${width}, leftPad(${text}, ${width}, ${literal(fill)}), ${text})`,
  countIf: condition => `countIf(${condition})`,
  sumIf: (value, condition) => `sumIf(${value}, ${condition})`,
  extremeIf: (which, value, condition) => `${which}OrNullIf(${value}, ${condition})`,
  distinctIf: (value, condition) => `uniqExactIf(${value}, ${condition})`,
  asText: value => `toString(${value})`,
  fileLines: path => `SELECT line FROM file(${path}, 'LineAsString', 'line String')`,
  settings: [
    'precise_float_parsing = 1',
    'output_format_decimal_trailing_zeros = 0',
    // How often a pattern may match in one record: members of an object.
    'regexp_max_matches_per_row = 1000000',
    'input_format_parallel_parsing = 0',
    // What is evaluated lazily is evaluated again for each place that needs it: layers of columns would double the work each.
    "short_circuit_function_evaluation = 'disable'",
  ].join(', '),
}
