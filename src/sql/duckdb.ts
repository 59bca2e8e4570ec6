import type {Dialect} from './dialect.ts'
import {lineBytesMax} from './limits.ts'

function literal(value: string): string {
  return value
    .split('\0')
    .map(piece => `'${piece.replaceAll("'", "''")}'`)
    .join(' || chr(0) || ')
}

/** Exponents are written with two digits, from 1e-5 on; JavaScript begins at 1e-7. */
function doubleText(double: string): string {
  const text = `regexp_replace(CAST(${double} AS VARCHAR), '\\.0$', '')`
  const digits = `regexp_replace(regexp_replace(${text}, 'e.*$', ''), '[-.]', '', 'g')`
  const sign = `CASE WHEN ${double} < 0 THEN '-' ELSE '' END`
  return (
    `CASE WHEN suffix(${text}, 'e-05') THEN ${sign} || '0.0000' || ${digits} ` +
    `WHEN suffix(${text}, 'e-06') THEN ${sign} || '0.00000' || ${digits} ` +
    `ELSE regexp_replace(${text}, 'e-0', 'e-') END`
  )
}

/**
 * Whole files as text, because a reader of CSV takes carriage returns and bad bytes away. A file with bytes that are no UTF-8 goes
 * through hexadecimal; such a line of it becomes null, and one that is also too long becomes one that cannot be judged. What follows
 * the last newline is no line.
 */
function linesOf(content: string): string {
  const hex = `regexp_replace(regexp_replace(hex(${content}), '(..)', '\\1 ', 'g'), '0A $', '')`
  const tooLong = `length(piece) > ${3 * lineBytesMax}`
  return `CASE
  WHEN TRY(decode(${content})) IS NOT NULL THEN string_split(regexp_replace(TRY(decode(${content})), '\n$', ''), chr(10))
  ELSE list_transform(string_split(${hex}, '0A '), lambda piece:
    CASE WHEN ${tooLong} THEN chr(65279) ELSE TRY(decode(unhex(replace(piece, ' ', '')))) END)
END`
}

function fileLines(path: string): string {
  return `SELECT unnest(${linesOf('content')}) AS line
FROM read_blob(${path})
WHERE octet_length(content) > 0`
}

function fileLinesWithHeader(path: string): string {
  const marked = "CASE WHEN prefix(hex(content), 'EFBBBF') THEN unhex(substring(hex(content), 7)) ELSE content END"
  return `SELECT unnest(lines) AS line, header, generate_subscripts(lines, 1) = header_place AS is_header
FROM (
  SELECT lines, header_place, CASE WHEN header_place = 0 THEN '' ELSE lines[header_place] END AS header
  FROM (
    SELECT lines, coalesce(list_position(list_transform(lines, lambda one:
      coalesce(regexp_replace(one, '\\r+$', '') <> '', true)), true), 0) AS header_place
    FROM (SELECT ${linesOf('text')} AS lines FROM (SELECT ${marked} AS text FROM read_blob(${path}) WHERE octet_length(content) > 0))
  )
)`
}

/** DuckDB; tried with 1.5.5. Its decimals have 38 digits, so what has more than 16 before the point ends the query. */
export const duckdb: Dialect = {
  name: 'duckdb',
  text: literal,
  identifier: name => `"${name.replaceAll('"', '""')}"`,
  matches: (text, search) => `regexp_matches(${text}, ${literal(search)})`,
  replaceAll: (text, search, replacement) =>
    `regexp_replace(${text}, ${literal(search)}, ${literal(replacement)}, 'g')`,
  extract: (text, search, group) => `regexp_extract(${text}, ${literal(search)}, ${group})`,
  byteCount: text => `strlen(${text})`,
  // Its text cannot be anything else.
  isUtf8: text => `${text} IS NOT NULL`,
  isSurelyJson: () => 'false',
  everyMatch: (text, search, group) => `regexp_extract_all(${text}, ${literal(search)}, ${group})`,
  eachText: (array, make) => `list_transform(${array}, lambda piece: ${make('piece')})`,
  joined: array => `coalesce(array_to_string(${array}, ''), '')`,
  elementCount: array => `len(${array})`,
  elementAt: (array, place) => `coalesce((${array})[${place}], '')`,
  lastIndex: (array, text) => `coalesce(len(${array}) + 1 - list_position(list_reverse(${array}), ${text}), 0)`,
  lastNamed: (names, values, name) =>
    `coalesce(list_reverse(${values})[list_position(list_reverse(${names}), ${name})], '')`,
  decoded: json => `coalesce(TRY(CAST(${json} AS JSON) ->> '$'), '')`,
  utf8OfHex: hex => `coalesce(TRY(decode(unhex(${hex}))), '')`,
  double: text => `TRY_CAST(${text} AS DOUBLE)`,
  doubleText,
  decimal: text => `TRY_CAST(${text} AS DECIMAL(38, 22))`,
  decimalText: decimal => `regexp_replace(CAST(${decimal} AS VARCHAR), '\\.?0*$', '')`,
  integer: digits => `coalesce(TRY_CAST(${digits} AS BIGINT), 0)`,
  whole: double => `CAST(${double} AS BIGINT)`,
  quotient: (dividend, divisor) => `(${dividend} // ${divisor})`,
  countUpTo: (numbers, number) => `len(list_filter([${numbers.join(', ')}], lambda start: start <= ${number}))`,
  numberAt: (numbers, place) => `([${numbers.join(', ')}])[${place}]`,
  changedCase: (to, text) => `${to}(${text})`,
  position: (text, part) => `contains(${text}, ${part})`,
  startsWith: (text, part) => `prefix(${text}, ${part})`,
  endsWith: (text, part) => `suffix(${text}, ${part})`,
  firstCharacters: (text, count) => `substring(${text}, 1, ${count})`,
  sha256: text => `sha256(${text})`,
  padLeft: (text, width, fill) =>
    `CASE WHEN length(${text}) < ${width} THEN lpad(${text}, ${width}, ${literal(fill)}) ELSE ${text} END`,
  countIf: condition => `count(*) FILTER (WHERE ${condition})`,
  sumIf: (value, condition) => `coalesce(sum(${value}) FILTER (WHERE ${condition}), 0)`,
  extremeIf: (which, value, condition) => `${which}(${value}) FILTER (WHERE ${condition})`,
  distinctIf: (value, condition) => `count(DISTINCT ${value}) FILTER (WHERE ${condition})`,
  asText: value => `CAST(${value} AS VARCHAR)`,
  distinctTexts: (text, countMax, condition) => {
    const texts = `list_sort(coalesce(list(DISTINCT ${text}) FILTER (WHERE ${condition}), []))`
    return `CAST(to_json((${texts})[1:${countMax}]) AS VARCHAR)`
  },
  frequentTexts: (text, countMax, condition) => {
    const counts = `coalesce(map_entries(histogram(${text}) FILTER (WHERE ${condition})), [])`
    const sortable = `list_transform(${counts}, lambda each: {'less': -CAST(each.value AS BIGINT), 'value': each.key})`
    const named = "lambda each: {'value': each.value, 'count': -each.less}"
    return `CAST(to_json(list_transform(list_sort(${sortable})[1:${countMax}], ${named})) AS VARCHAR)`
  },
  extremeRow: (which, values, condition) => {
    const row = `${which}({${values.map((value, place) => `'v${place}': ${value}`).join(', ')}}) FILTER (WHERE ${condition})`
    return place => `struct_extract(${row}, 'v${place}')`
  },
  eachRow: array => `unnest(${array})`,
  afterEmpty: array => `list_concat([''], ${array})`,
  rowId: 'CAST(uuid() AS VARCHAR)',
  fileLines,
  fileLinesWithHeader,
  settings: '',
}
