/** ClickHouse inside Node (chdb). What its ways are and why: ../README.md. */
import {join} from 'node:path'
import {bench, node, packageVersion, shell, threads} from './paths.mjs'
import {columnTree, groupingQuery, quoted} from './sql.mjs'

const program = join(bench, 'peers/chdb.mjs')
const types = {text: 'String', integer: 'Int64', double: 'Float64'}
const bytesPerMebibyte = 1024 * 1024
/** Bad lines that ClickHouse is told to pass over: any number. */
const errorsMax = 1_000_000_000

export const chdb = {
  id: 'chdb',
  peer: 'chdb',
  title: 'ClickHouse (chdb)',
  detail: 'typed',
  version: () => packageVersion('chdb'),
  variants: (one, data) => variants(one, data, false),
}

export const chdbTolerant = {
  ...chdb,
  id: 'chdb-tolerant',
  detail: 'text, allow_errors, OrNull',
  variants: (one, data) => variants(one, data, true),
}

function variants(one, data, isTolerant) {
  const argv = path => () => [node, program, queryText(one, path, isTolerant)]
  const single = data.files.length > 1 ? data.joined : data.files[0]
  const list = [
    ...(data.files.length > 1 ? [{detail: `${data.files.length} files`, argv: argv(data.pattern)}] : []),
    ...(single === undefined ? [] : [{detail: 'one file', argv: argv(single)}]),
  ]
  if (one.isCompressed) {
    const args = [node, program, queryText(one, '/dev/stdin', isTolerant), ...data.files]
    const script = 'node="$1" program="$2" query="$3"; shift 3; zstd -dcq "$@" | "$node" "$program" "$query"'
    list.push({detail: 'through zstd -dc', argv: () => shell(script, args)})
  }
  return list
}

function queryText(one, path, isTolerant) {
  const kind = isTolerant ? () => 'text' : type => type
  const columns = columnTree(one.columns).map(([name, type]) => `${name} ${typeText(type, kind)}`)
  const format = one.isCsv ? 'CSVWithNames' : 'JSONEachRow'
  const source = `file(${quoted(path)}, '${format}', ${quoted(columns.join(', '))})`
  const number = isTolerant ? field => `toFloat64OrNull(${field})` : field => field
  // Without `user.geo.city` as one name ClickHouse finds elements of tuples by their path.
  const query = groupingQuery(one, source, {keyOf: field => field, numberOf: number})
  return `${query} INTO OUTFILE '/dev/stdout' APPEND FORMAT CSV SETTINGS ${settings(one, isTolerant).join(', ')}`
}

function typeText(type, kind) {
  if (!Array.isArray(type)) return types[kind(type)]
  return `Tuple(${type.map(([name, inner]) => `${name} ${typeText(inner, kind)}`).join(', ')})`
}

function settings({memory}, isTolerant) {
  const list = [
    `max_threads = ${threads}`,
    'input_format_skip_unknown_fields = 1',
    'input_format_json_ignore_unknown_keys_in_named_tuple = 1',
  ]
  if (isTolerant) {
    list.push(`input_format_allow_errors_num = ${errorsMax}`, 'input_format_allow_errors_ratio = 1')
    list.push('input_format_json_read_numbers_as_strings = 1')
  }
  if (memory !== undefined) {
    const bytes = Number.parseInt(memory, 10) * bytesPerMebibyte
    list.push(`max_memory_usage = ${bytes}`, `max_bytes_before_external_group_by = ${Math.floor(bytes / 2)}`)
  }
  return list
}
