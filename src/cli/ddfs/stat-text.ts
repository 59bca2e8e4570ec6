/** A tag for people, one fact a line. */
import {formatBytes, groupDigits} from '../../base/index.ts'
import {epochCount, type TagInfo} from '../../protocol/index.ts'
import {aligned, timeText} from './text.ts'

/** `ddfs stat` for people. */
export function statText(tag: TagInfo): string {
  const rows: [string, string][] = [
    ['tag', tag.tag],
    ['version', `${tag.version.counter} (epoch ${epochCount(tag.version.epoch)})`],
    ['entries', groupDigits(tag.entryCount)],
    ['bytes', `${groupDigits(tag.bytes)} (${formatBytes(tag.bytes)})`],
  ]
  if (tag.recordCount > 0) rows.push(['records', groupDigits(tag.recordCount)])
  if (tag.rawBytes > 0) rows.push(['text', `${groupDigits(tag.rawBytes)} bytes (${formatBytes(tag.rawBytes)})`])
  rows.push(
    ['created', `${timeText(tag.createdAtMs)} UTC`],
    ['modified', `${timeText(tag.modifiedAtMs)} UTC`],
    ['copies', `${tag.replicaCount} wanted, on ${tag.replicas.join(', ')}`],
  )
  if (tag.deletedAtMs !== undefined) rows.push(['deleted', `${timeText(tag.deletedAtMs)} UTC`])
  const tokens = [tag.hasReadToken ? 'read' : '', tag.hasWriteToken ? 'write' : ''].filter(text => text !== '')
  if (tokens.length > 0) rows.push(['tokens', tokens.join(', ')])
  const attributes = Object.keys(tag.attributes).length
  if (attributes > 0) rows.push(['attributes', `${attributes} (ddfs attrs ${tag.tag})`])
  return aligned(rows)
}
