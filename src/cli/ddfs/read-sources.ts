/** What `ddfs cat` and `ddfs xcat` write: files, URLs, blobs and the blobs of tags, in the order given. */
import {existsSync} from 'node:fs'
import {ClusterError, UserError} from '../../base/index.ts'
import {
  type CallOptions,
  type ClusterChoice,
  type ClusterClient,
  parseInput,
  type ReadAs,
  readAhead,
  readBlob,
  readBlobText,
  readEntry,
  readInput,
  readInputText,
  walkTags,
  withCluster,
} from '../../client/index.ts'
import {discoStreamOfLines, isBlobId} from '../../protocol/index.ts'
import {tagsOf} from './tag-arguments.ts'
import {note, writeOut} from './write-out.ts'

export interface ReadSourcesFlags extends ClusterChoice {
  readonly prefix: boolean
  readonly ignore: boolean
  readonly 'tag-token'?: string | undefined
  /** Lines as a stream of records of Disco. */
  readonly 'disco-stream'?: boolean | undefined
}

/**
 * Writes all sources; the next blobs are fetched while one is written.
 *
 * @throws UserError or ClusterError for the first source that cannot be read; with `ignore` it is told and passed over
 */
export async function writeSources(texts: readonly string[], flags: ReadSourcesFlags, as: ReadAs): Promise<void> {
  await withCluster(flags, async client => {
    const pieces = readAhead(sourcesOf(client, texts, flags, as))
    await writeOut(flags['disco-stream'] === true ? discoStreamOfLines(pieces) : pieces)
  })
}

async function* sourcesOf(
  client: ClusterClient,
  texts: readonly string[],
  flags: ReadSourcesFlags,
  as: ReadAs,
): AsyncGenerator<AsyncGenerator<Buffer>> {
  const options = {tagToken: flags['tag-token']}
  for (const text of texts) {
    if (isInput(text, flags.prefix)) {
      const input = parseInput(text)
      yield passOver(flags, as === 'text' ? readInputText(input, client) : readInput(input, client))
    } else if (isBlobId(text) && !flags.prefix) {
      yield passOver(flags, as === 'text' ? readBlobText(client, text, options) : readBlob(client, text, options))
    } else {
      yield* sourcesOfTags(client, await tagsOf(client, [text], flags.prefix), flags, as, options)
    }
  }
}

async function* sourcesOfTags(
  client: ClusterClient,
  tags: readonly string[],
  flags: ReadSourcesFlags,
  as: ReadAs,
  options: CallOptions,
): AsyncGenerator<AsyncGenerator<Buffer>> {
  const onMissing = flags.ignore ? (tag: string) => note(`there is no tag ${tag}`) : undefined
  for await (const {entry} of walkTags(client, tags, {...options, onMissing})) {
    yield passOver(flags, readEntry(client, entry, as, options))
  }
}

const isInput = (text: string, isPrefix: boolean): boolean =>
  text === '-' || /^https?:\/\//.test(text) || (!isPrefix && existsSync(text))

async function* passOver(flags: ReadSourcesFlags, pieces: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield* pieces
  } catch (error) {
    if (!flags.ignore || !(error instanceof UserError || error instanceof ClusterError)) throw error
    note(error.message)
  }
}
