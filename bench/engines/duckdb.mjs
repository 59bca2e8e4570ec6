/** DuckDB through its Node API. What its ways are and why: ../README.md. */
import {join} from 'node:path'
import {adFields} from '../generate/ad-csv.mjs'
import {bench, node, packageVersion, shell, threads} from './paths.mjs'
import {columnTree, groupingQuery, quoted, unionQuery} from './sql.mjs'

const program = join(bench, 'peers/duckdb.mjs')
const types = {text: 'VARCHAR', integer: 'BIGINT', double: 'DOUBLE'}

export const duckdb = {
  id: 'duckdb',
  peer: 'duckdb',
  title: 'DuckDB',
  detail: 'typed',
  version: () => packageVersion('@duckdb/node-api'),
  variants: (one, data) => variants(one, data, false),
}

export const duckdbTolerant = {
  ...duckdb,
  id: 'duckdb-tolerant',
  detail: 'text, ignore_errors, TRY_CAST',
  variants: (one, data) => variants(one, data, true),
}

function variants(one, data, isTolerant) {
  const several = `${data.files.length} files`
  const single = data.files.length > 1 ? data.joined : data.files[0]
  const terms = structTerms(isTolerant)
  const source = files => readText(one, files, isTolerant)
  const query = files => [copy(groupingQuery(one, source(files), terms))]
  const list = [
    ...(data.files.length > 1 ? [{detail: several, argv: peer(one, query(data.files))}] : []),
    ...(single === undefined ? [] : [{detail: 'one file', argv: peer(one, query([single]))}]),
  ]
  if (!isTolerant && one.keysets.length > 1) list.push(...multiPass(one, source(data.files), terms, several))
  if (!isTolerant && isNested(one)) {
    const statement = copy(groupingQuery(one, readJson(data.files, jsonColumns(one), ''), jsonTerms(one)))
    list.push({detail: `${several}, JSON columns and ->>`, argv: peer(one, [statement])})
  }
  if (one.isCompressed) list.push(pipe(one, data, query(['/dev/stdin'])))
  return list
}

/** Instead of grouping sets: the records once into a table, or into what a query keeps. */
function multiPass(one, source, terms, several) {
  const create = `CREATE TEMP TABLE records AS SELECT * FROM ${source}`
  const kept = `WITH records AS MATERIALIZED (SELECT * FROM ${source}) ${unionQuery(one, 'records', terms)}`
  return [
    {detail: `${several}, table, two queries`, argv: peer(one, [create, copy(unionQuery(one, 'records', terms))])},
    {detail: `${several}, materialized, two queries`, argv: peer(one, [copy(kept)])},
  ]
}

/** All files through one `zstd -dc`. */
function pipe(one, {files}, statements) {
  const script = 'node="$1" program="$2" request="$3"; shift 3; zstd -dcq "$@" | "$node" "$program" "$request"'
  return {detail: 'through zstd -dc', argv: temp => shell(script, [...peer(one, statements)(temp), ...files])}
}

function peer(one, statements) {
  const {memory} = one
  return tempFolder => [node, program, JSON.stringify({statements, memory, threads, tempFolder})]
}

function copy(query) {
  return `COPY (${query}) TO '/dev/stdout' (FORMAT csv, HEADER false)`
}

function readText(one, files, isTolerant) {
  const options = isTolerant ? ', ignore_errors = true' : ''
  const kind = isTolerant ? type => (type === 'integer' || type === 'double' ? 'text' : type) : type => type
  if (one.isCsv) {
    const columns = adFields.map(name => `${name}: '${types[kind(one.columns[name] ?? 'text')]}'`)
    const dialect = `auto_detect = false, header = true, delim = ',', quote = '"', escape = '"'`
    return `read_csv([${files.map(quoted)}], ${dialect}, columns = {${columns.join(', ')}}${options})`
  }
  const columns = columnTree(one.columns).map(([name, type]) => `"${name}": '${typeText(type, kind)}'`)
  return readJson(files, columns, options)
}

function readJson(files, columns, options) {
  return `read_json([${files.map(quoted)}], format = 'newline_delimited', columns = {${columns.join(', ')}}${options})`
}

function typeText(type, kind) {
  if (!Array.isArray(type)) return types[kind(type)]
  return `STRUCT(${type.map(([name, inner]) => `"${name}" ${typeText(inner, kind)}`).join(', ')})`
}

function structTerms(isTolerant) {
  const keyOf = path =>
    path
      .split('.')
      .map(name => `"${name}"`)
      .join('.')
  return {keyOf, numberOf: isTolerant ? path => `TRY_CAST(${keyOf(path)} AS DOUBLE)` : keyOf}
}

function isNested({columns}) {
  return Object.keys(columns).some(path => path.includes('.'))
}

function jsonColumns({columns}) {
  return columnTree(columns).map(([name]) => `"${name}": 'JSON'`)
}

function jsonTerms() {
  const keyOf = path => {
    const [name, ...rest] = path.split('.')
    return `("${name}"->>'$.${rest.join('.')}')`
  }
  return {keyOf, numberOf: path => `CAST(${keyOf(path)} AS DOUBLE)`}
}
