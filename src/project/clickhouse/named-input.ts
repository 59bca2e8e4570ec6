/** Inputs that ClickHouse reads by itself, as `--input` and sourceUrls name them. */
import {UserError} from '../../base/index.ts'
import type {ClickhouseLines, S3Keys} from '../../sql/index.ts'

export type NamedInput =
  | {readonly type: 'table'; readonly database: string; readonly table: string; readonly column: string}
  /** `url` as ClickHouse's `s3()` takes it. */
  | {readonly type: 's3'; readonly url: string}
  | {readonly type: 'url'; readonly url: string}

/** Without another name lines stand there. */
const lineColumn = 'line'

/** Whether an input can be read by another engine only. */
export const isEngineInput = (text: string): boolean => /^(?:table:|s3(?:\+https?)?:\/\/)/.test(text)

/**
 * @param text - `table:[DATABASE.]TABLE[/COLUMN]`, `s3://BUCKET/PATH`, `s3+http(s)://HOST/BUCKET/PATH`, `http(s)://…`
 * @throws UserError BAD_FLAG for anything else: files of this machine above all
 */
export function namedInput(text: string): NamedInput {
  const table = /^table:(?:([^./]+)\.)?([^./]+)(?:\/(.+))?$/.exec(text)
  if (table !== null) {
    const [, database = '', name = '', column = lineColumn] = table
    return {type: 'table', database, table: name, column}
  }
  if (/^s3:\/\/[^/]+\/./.test(text)) return {type: 's3', url: text}
  if (/^s3\+https?:\/\/[^/]+\/./.test(text)) return {type: 's3', url: text.slice('s3+'.length)}
  if (/^https?:\/\/[^/]/.test(text) && URL.canParse(text)) return {type: 'url', url: text}
  const isMeant = isEngineInput(text)
  throw new UserError(
    'BAD_FLAG',
    isMeant ? `${text} is no input` : `${text} is a file of this machine, which ClickHouse does not read`,
    {
      hint: isMeant
        ? 'write table:TABLE, table:DATABASE.TABLE/COLUMN, s3://BUCKET/PATH or s3+https://HOST/BUCKET/PATH'
        : "load it first, clickhouse client -q 'INSERT INTO logs FORMAT LineAsString' < FILE, and name table:logs; or run it here: --engine auto",
      exitCode: 2,
    },
  )
}

/** Of the path's ending: of an S3 path nobody else can tell. @throws UserError BAD_ENGINE */
export function s3Lines(url: string, keys: S3Keys | undefined, cluster: string | undefined): ClickhouseLines {
  const packed = /\.(gz|zst|zstd|bz2|xz|lz4|br|snappy)$/i.exec(url)?.[1]?.toLowerCase()
  if (packed !== undefined && packed !== 'gz') {
    throw new UserError(
      'BAD_ENGINE',
      `${url}: gzip and what is not packed can be read there exactly, and .${packed} cannot`,
      {
        hint: 'ClickHouse does not notice when a zstd file is cut, and rules do not read the others at all',
        exitCode: 2,
      },
    )
  }
  if (packed === undefined && /[*?}]$/.test(url)) {
    throw new UserError('BAD_ENGINE', `${url}: nobody can tell how what it matches is packed`, {
      hint: 'let the pattern end like the files do: *.json or *.gz',
      exitCode: 2,
    })
  }
  return {type: 's3', url, compression: packed === undefined ? 'none' : 'gzip', keys, cluster}
}
