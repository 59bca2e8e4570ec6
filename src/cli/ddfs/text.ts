/** How tags and blobs look in a terminal. */
import {formatBytes, groupDigits, printable} from '../../base/index.ts'
import type {TagEntry, TagInfo} from '../../protocol/index.ts'

/** `2026-11-23 14:05:09` in UTC: the same on every machine. */
export const timeText = (ms: number): string => new Date(ms).toISOString().slice(0, 19).replace('T', ' ')

/** An entry as one word that commands take again. */
export function entryText(entry: TagEntry): string {
  if (entry.type === 'blob') return entry.blob
  return entry.type === 'tag' ? `tag://${entry.tag}` : entry.urls.map(printable).join('\t')
}

/** One line of `ddfs ls -l`. */
export function longLine(tag: TagInfo): string {
  const deleted = tag.deletedAtMs === undefined ? '' : `  deleted ${timeText(tag.deletedAtMs)}`
  const columns = [
    String(tag.entryCount).padStart(8),
    formatBytes(tag.bytes).padStart(8),
    `x${tag.replicaCount}`,
    timeText(tag.modifiedAtMs),
    tag.tag,
  ]
  return `${columns.join('  ')}${deleted}\n`
}

export const countText = (count: number, one: string, many = `${one}s`): string =>
  `${groupDigits(count)} ${count === 1 ? one : many}`

/** Rows with tabs between cells, as Disco's own commands print them. */
export const tabbed = (rows: Iterable<readonly (string | number)[]>): string =>
  Array.from(rows, row => `${row.map(cell => printable(String(cell))).join('\t')}\n`).join('')

/** Columns of equal width, the first row is the head. The last column is not padded. */
export function aligned(rows: readonly (readonly string[])[]): string {
  const widths: number[] = []
  for (const row of rows) {
    for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, cell.length)
  }
  return rows
    .map(
      row =>
        `${row
          .map((cell, index) => (index === row.length - 1 ? cell : cell.padEnd(widths[index] ?? 0)))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('')
}
