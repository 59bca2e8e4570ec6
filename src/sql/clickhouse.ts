import {clickhouseSketch} from './clickhouse-sketch.ts'
import type {Dialect} from './dialect.ts'

/** Without (?-s) a dot would match newlines, which it does nowhere else. */
const pattern = (text: string): string => literal(`(?-s)${text}`)

function literal(value: string): string {
  return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\0', '\\0')}'`
}

/** Each file is held in memory as a whole. @param contents - a query with the one column `content`, a file in each row */
export function linesWithHeader(contents: string): string {
  return `SELECT line, header, place = header_place AS is_header
FROM (
  SELECT
    if(startsWith(content, unhex('EFBBBF')), substring(content, 4), content) AS text,
    splitByChar('\\n', if(endsWith(text, '\\n'), substring(text, 1, length(text) - 1), text)) AS lines,
    arrayFirstIndex(one -> replaceRegexpOne(one, '\\r+$', '') <> '', lines) AS header_place,
    arrayElement(lines, header_place) AS header
  FROM (${contents})
  WHERE content <> ''
)
ARRAY JOIN lines AS line, arrayEnumerate(lines) AS place`
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
  eachText: (array, make) => `arrayMap(piece -> ${make('piece')}, ${array})`,
  joined: array => `arrayStringConcat(${array})`,
  elementCount: array => `toInt64(length(${array}))`,
  elementAt: (array, place) => `arrayElement(${array}, ${place})`,
  lastIndex: (array, text) => `toInt64(arrayLastIndex(name -> name = ${text}, ${array}))`,
  lastNamed: (names, values, name) => `${values}[arrayLastIndex(name -> name = ${name}, ${names})]`,
  decoded: json => `JSONExtractString(${json})`,
  utf8OfHex: hex => `CASE WHEN isValidUTF8(unhex(${hex})) THEN unhex(${hex}) ELSE '' END`,
  double: text => `toFloat64OrNull(${text})`,
  doubleText: double => `toString(${double})`,
  decimal: text => `toDecimal256OrNull(${text}, 22)`,
  decimalText: decimal => `toString(${decimal})`,
  integer: digits => `toInt64OrZero(${digits})`,
  whole: double => `toInt64(${double})`,
  quotient: (dividend, divisor) => `intDiv(${dividend}, ${divisor})`,
  countUpTo: (numbers, number) => `toInt64(arrayCount(start -> start <= ${number}, [${numbers.join(', ')}]))`,
  numberAt: (numbers, place) => `toInt64(arrayElement([${numbers.join(', ')}], ${place}))`,
  changedCase: (to, text) => `${to}UTF8(${text})`,
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
  distinctTexts: (text, countMax, condition) =>
    `toJSONString(arraySlice(arraySort(groupUniqArrayIf(${text}, ${condition})), 1, ${countMax}))`,
  frequentTexts: (text, countMax, condition) => {
    const counts = `sumMapIf([coalesce(${text}, '')], [toUInt64(1)], ${condition})`
    const sorted = `arraySort(each -> (-toInt64(each.2), each.1), arrayZip(${counts}.1, ${counts}.2))`
    const named = "each -> CAST((each.1, each.2), 'Tuple(value String, count UInt64)')"
    return `toJSONString(arrayMap(${named}, arraySlice(${sorted}, 1, ${countMax})))`
  },
  extremeRow: (which, values, condition) => {
    // No row has an empty array, which is the default.
    const row = `${which}If([tuple(${values.join(', ')})], ${condition})`
    return place => `if(empty(${row}), NULL, tupleElement(${row}[1], ${place + 1}))`
  },
  sketch: clickhouseSketch,
  bucketCounts: (double, condition) => {
    const bits = `reinterpretAsUInt64(abs(${double}))`
    const size = `toInt64(bitShiftRight(${bits}, 44)) + 1`
    const bucket = `multiIf(${double} = 0, 0, ${double} < 0, -(${size}), ${size})`
    const counts = `sumMapIf([${bucket}], [toUInt64(1)], ${condition})`
    return `arrayStringConcat(arrayMap((bucket, count) -> concat(toString(bucket), ':', toString(count)), ${counts}.1, ${counts}.2), ',')`
  },
  squareSums: (decimal, condition) => {
    const bound = "toInt256('100000000000000000000000000000000000000')"
    const unscaled = `reinterpretAsInt256(assumeNotNull(${decimal}))`
    const square = `(${unscaled} * ${unscaled})`
    return [`sumIf(intDiv(${square}, ${bound}), ${condition})`, `sumIf(${square} % ${bound}, ${condition})`]
  },
  eachRow: array => `arrayJoin(${array})`,
  afterEmpty: array => `arrayConcat([''], ${array})`,
  // Of the line, so that no optimizer makes one for a whole file before it is split into lines.
  rowId: 'toString(generateUUIDv4(line))',
  fileLines: path => `SELECT line FROM file(${path}, 'LineAsString', 'line String')`,
  fileLinesWithHeader: path => linesWithHeader(`SELECT content FROM file(${path}, 'RawBLOB', 'content String')`),
  settings: [
    'precise_float_parsing = 1',
    'output_format_decimal_trailing_zeros = 0',
    'output_format_json_quote_64bit_integers = 0',
    'output_format_json_named_tuples_as_objects = 1',
    // How often a pattern may match in one record: members of an object.
    'regexp_max_matches_per_row = 1000000',
    'input_format_parallel_parsing = 0',
    // Machine code for expressions that each query has for the first time takes longer than it saves.
    'compile_expressions = 0',
    // What is evaluated lazily is evaluated again for each place that needs it: layers of columns would double the work each.
    "short_circuit_function_evaluation = 'disable'",
  ].join(', '),
}
