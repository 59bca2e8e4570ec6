/** What stands in tags, as bytes: blobs from the nodes, URLs from wherever they are. */
import {messageOf, UserError} from '../../base/index.ts'
import type {BlobEntry, UrlEntry} from '../../protocol/index.ts'
import type {CallOptions, ClusterClient} from '../cluster/cluster-client.ts'
import {readBlob} from './download.ts'
import {openUrl} from './open-url.ts'
import {readAhead} from './read-ahead.ts'
import {textOf} from './text.ts'
import {walkTags} from './walk.ts'

/** `text`: decompressed. */
export type ReadAs = 'bytes' | 'text'

/** The bytes or the text of all blobs and URLs of tags and of the tags in them, in order, read ahead. */
export function readTags(
  client: ClusterClient,
  tags: readonly string[],
  as: ReadAs,
  options: CallOptions = {},
): AsyncGenerator<Buffer> {
  const sources = async function* (): AsyncGenerator<AsyncGenerator<Buffer>> {
    for await (const {entry} of walkTags(client, tags, options)) yield readEntry(client, entry, as, options)
  }
  return readAhead(sources())
}

/** @throws as `readBlob`, `openUrl` */
export function readEntry(
  client: ClusterClient,
  entry: BlobEntry | UrlEntry,
  as: ReadAs,
  options: CallOptions = {},
): AsyncGenerator<Buffer> {
  const isBlob = entry.type === 'blob'
  const pieces = isBlob ? readBlob(client, entry.blob, options) : readUrls(client, entry.urls, options.signal)
  if (as === 'bytes') return pieces
  return textOf(pieces, isBlob ? `blob ${entry.blob}` : (entry.urls[0] ?? ''), options.signal)
}

/** Equal copies: the first one that can be opened. */
async function* readUrls(
  client: ClusterClient,
  urls: readonly string[],
  signal: AbortSignal | undefined,
): AsyncGenerator<Buffer> {
  const problems: string[] = []
  for (const url of urls) {
    try {
      yield* (await openUrl(client.http, url, signal)) as AsyncIterable<Buffer>
      return
    } catch (error) {
      signal?.throwIfAborted()
      if (!(error instanceof UserError)) {
        throw new UserError('INPUT_UNREADABLE', `${url} broke off: ${messageOf(error)}`, {cause: error})
      }
      problems.push(error.message)
    }
  }
  throw new UserError('INPUT_UNREADABLE', problems.join('; '))
}
