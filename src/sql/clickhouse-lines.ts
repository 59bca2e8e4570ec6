/** Queries of ClickHouse that give lines as they are, from where they lie: the source of a compiled query. Pure. */
import {clickhouse, linesWithHeader} from './clickhouse.ts'

/** Compression that ClickHouse undoes. It takes a zstd stream that is cut short for a whole one, so only whole chunks may be called zstd. */
export type LinesCompression = 'none' | 'gzip' | 'zstd'

export type ClickhouseLines =
  /** Each is read once: from the first of its addresses that answers. */
  | {
      readonly type: 'urls'
      readonly urls: readonly (readonly string[])[]
      readonly compression: LinesCompression
      readonly cluster?: string | undefined
    }
  /** ClickHouse's own patterns in the path. */
  | {
      readonly type: 's3'
      readonly url: string
      readonly compression: LinesCompression
      readonly keys?: S3Keys | undefined
      readonly cluster?: string | undefined
    }
  /** One line in each row. `database` empty: the connection's. */
  | {readonly type: 'table'; readonly database: string; readonly table: string; readonly column: string}

export interface S3Keys {
  readonly accessKey: string
  readonly secretKey: string
}

/** Addresses in one `url()`: ClickHouse expands 1,000 by default, those that stand in for each other included. */
const addressCountMax = 500

/** What is read of each file: its lines, or all of it for its header. */
type Shape = 'line' | 'content'
const structures = {
  line: ["'LineAsString'", "'line String'"],
  content: ["'RawBLOB'", "'content String'"],
} as const

/**
 * A query with the one column `line`; with the columns of `Dialect.fileLinesWithHeader` for a query that needs them.
 *
 * @param sources - no table for a query that needs headers: rows of tables have no order
 */
export function clickhouseLines(sources: readonly ClickhouseLines[], needsHeader = false): string {
  const shape = needsHeader ? 'content' : 'line'
  const queries = sources.flatMap(source => queriesOf(source, shape))
  const all = queries.length === 0 ? `SELECT '' AS ${shape} WHERE 0` : queries.join('\nUNION ALL\n')
  return needsHeader ? linesWithHeader(all) : all
}

function queriesOf(source: ClickhouseLines, shape: Shape): readonly string[] {
  const {text, identifier} = clickhouse
  switch (source.type) {
    case 'table': {
      const named = [source.database, source.table]
        .filter(name => name !== '')
        .map(identifier)
        .join('.')
      return [`SELECT toString(${identifier(source.column)}) AS line FROM ${named}`]
    }
    case 's3': {
      const {keys, url, compression} = source
      const open = keys === undefined ? [] : [text(keys.accessKey), text(keys.secretKey)]
      return [rows('s3', source.cluster, shape, [text(url), ...open], compression)]
    }
    case 'urls':
      return batches(source.urls).map(urls =>
        rows('url', source.cluster, shape, [text(pattern(urls))], source.compression),
      )
  }
}

function rows(
  name: 'url' | 's3',
  cluster: string | undefined,
  shape: Shape,
  place: readonly string[],
  compression: LinesCompression,
): string {
  const {text} = clickhouse
  const given = [...place, ...structures[shape], text(compression)]
  return cluster === undefined
    ? `SELECT ${shape} FROM ${name}(${given.join(', ')})`
    : `SELECT ${shape} FROM ${name}Cluster(${[text(cluster), ...given].join(', ')})`
}

function batches(all: readonly (readonly string[])[]): (readonly string[])[][] {
  const found: (readonly string[])[][] = []
  let room = 0
  for (const urls of all) {
    if (found.length === 0 || room < urls.length) {
      found.push([])
      room = addressCountMax
    }
    found.at(-1)!.push(urls)
    room -= urls.length
  }
  return found
}

/** `{a|b,c}`: one of a and b, and c. */
function pattern(all: readonly (readonly string[])[]): string {
  const each = all.map(urls => urls.map(plain).join('|'))
  return each.length === 1 && all[0]!.length === 1 ? each[0]! : `{${each.join(',')}}`
}

/** What would be part of a pattern, percent-encoded. */
function plain(url: string): string {
  return url.replace(/[{}|,]/g, char => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
}
