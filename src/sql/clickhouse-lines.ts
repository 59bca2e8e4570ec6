/** Queries of ClickHouse that give lines as they are, from where they lie: the source of a compiled query. Pure. */
import {clickhouse} from './clickhouse.ts'

/** What ClickHouse takes off. Cut zstd it takes for whole, so nothing but whole chunks may be called zstd. */
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

const structure = ["'LineAsString'", "'line String'"]

/** A query with the one column `line`. */
export function clickhouseLines(sources: readonly ClickhouseLines[]): string {
  const queries = sources.flatMap(queriesOf)
  return queries.length === 0 ? "SELECT '' AS line WHERE 0" : queries.join('\nUNION ALL\n')
}

function queriesOf(source: ClickhouseLines): readonly string[] {
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
      return [lines('s3', source.cluster, [text(url), ...open, ...structure, text(compression)])]
    }
    case 'urls':
      return batches(source.urls).map(urls =>
        lines('url', source.cluster, [text(pattern(urls)), ...structure, text(source.compression)]),
      )
  }
}

function lines(name: 'url' | 's3', cluster: string | undefined, args: readonly string[]): string {
  const {text} = clickhouse
  return cluster === undefined
    ? `SELECT line FROM ${name}(${args.join(', ')})`
    : `SELECT line FROM ${name}Cluster(${[text(cluster), ...args].join(', ')})`
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

/** `{a|b,c}`: both a or b, and c. */
function pattern(all: readonly (readonly string[])[]): string {
  const each = all.map(urls => urls.map(plain).join('|'))
  return each.length === 1 && all[0]!.length === 1 ? each[0]! : `{${each.join(',')}}`
}

/** What would be part of a pattern, percent-encoded. */
function plain(url: string): string {
  return url.replace(/[{}|,]/g, char => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
}
