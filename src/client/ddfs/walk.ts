/** Reads tags: their entries page by page, and tags in tags without going round in circles. */
import {ClusterError, UserError} from '../../base/index.ts'
import {
  type BlobEntry,
  type ContentsRequest,
  type EntryPage,
  type NumberedEntry,
  pageSizeMax,
  type TagContents,
  type TagInfo,
  tagDepthMax,
  type UrlEntry,
  type Version,
} from '../../protocol/index.ts'
import {type CallOptions, type ClusterClient, isTagMissing} from '../cluster/cluster-client.ts'

/**
 * All entries of one tag in the order in which they were added: of one version, if the tag does not change meanwhile.
 *
 * If it does, what stands in the tag all the time is given once; what came or went meanwhile may be given or not. Waiting
 * for a version that holds still could take for ever with a tag that is appended to all the time.
 */
export async function* readAllEntries(
  client: ClusterClient,
  tag: string,
  options?: CallOptions,
): AsyncGenerator<NumberedEntry> {
  let after: number | undefined = 0
  let version: Version | undefined
  while (after !== undefined) {
    const page: EntryPage = await readPage(client, tag, after, version, options)
    yield* page.entries
    version = page.version
    after = page.next
  }
}

async function readPage(
  client: ClusterClient,
  tag: string,
  after: number,
  version: Version | undefined,
  options: CallOptions | undefined,
): Promise<EntryPage> {
  const page = {after, count: pageSizeMax}
  if (version === undefined) return client.readEntries(tag, page, options)
  try {
    return await client.readEntries(tag, {...page, version}, options)
  } catch (error) {
    const isChanged = error instanceof UserError && error.code === 'VERSION_CHANGED'
    if (!isChanged) throw error
    return client.readEntries(tag, page, options)
  }
}

/**
 * The first page of entries, or the history, of several tags in their order, with few requests.
 *
 * @param withHistory - of entries: their tags' histories, too. Not all masters tell these.
 * @throws UserError BAD_NAME, FORBIDDEN for one of them
 */
export async function* readManyTags(
  client: ClusterClient,
  tags: readonly string[],
  part: ContentsRequest['part'],
  {withHistory = false, ...options}: CallOptions & {readonly withHistory?: boolean} = {},
): AsyncGenerator<TagContents> {
  for (let at = 0; at < tags.length; ) {
    const asked = {tags: tags.slice(at, at + pageSizeMax), part, ...(withHistory ? {withHistory} : {})}
    const {contents} = await client.readContents(asked, options)
    if (contents.length === 0)
      throw new ClusterError('PROTOCOL', 'the master told nothing of the tags it was asked for')
    yield* contents
    at += contents.length
  }
}

/** All tags that begin with `prefix`, in order of their names; attributes of guarded ones only with their token in `options`. */
export async function* listAllTags(
  client: ClusterClient,
  prefix: string,
  isDeletedToo = false,
  options: CallOptions = {},
): AsyncGenerator<TagInfo> {
  let after: string | undefined
  do {
    const query = {prefix, count: pageSizeMax, deleted: isDeletedToo, ...(after === undefined ? {} : {after})}
    const page = await client.listTags(query, options)
    yield* page.tags
    after = page.next
  } while (after !== undefined)
}

export interface WalkOptions extends CallOptions {
  /** A tag that does not exist is passed over and told, not an error. */
  readonly onMissing?: ((tag: string, path: readonly string[]) => void) | undefined
}

export interface WalkedEntry {
  /** Tags from the one that was asked for to the one that has the entry. */
  readonly path: readonly string[]
  readonly entry: BlobEntry | UrlEntry
}

/**
 * Blobs and URLs of tags and of the tags in them, depth first. Each tag is visited once, however often it is linked.
 *
 * @throws UserError TAG_NOT_FOUND without `onMissing`; TAG_TOO_LARGE when tags are nested deeper than `tagDepthMax`
 */
export async function* walkTags(
  client: ClusterClient,
  tags: Iterable<string>,
  options: WalkOptions = {},
): AsyncGenerator<WalkedEntry> {
  const seen = new Set<string>()
  for (const tag of tags) yield* walk(client, [tag], seen, options)
}

async function* walk(
  client: ClusterClient,
  path: readonly string[],
  seen: Set<string>,
  options: WalkOptions,
): AsyncGenerator<WalkedEntry> {
  const tag = path.at(-1) ?? ''
  if (seen.has(tag)) return
  seen.add(tag)
  if (path.length > tagDepthMax) {
    throw new UserError('TAG_TOO_LARGE', `tags are nested more than ${tagDepthMax} deep below "${path[0]}"`)
  }
  const entries = readAllEntries(client, tag, options)
  for (;;) {
    // Only this tag's own absence is told here: what is below it has been dealt with one call deeper.
    const next = await entries.next().catch((error: unknown) => missed(error, path, options))
    if (next === undefined || next.done === true) return
    const {entry} = next.value
    if (entry.type === 'tag') yield* walk(client, [...path, entry.tag], seen, options)
    else yield {path, entry}
  }
}

function missed(error: unknown, path: readonly string[], options: WalkOptions): undefined {
  const tag = path.at(-1) ?? ''
  if (!isTagMissing(error)) throw error
  if (options.onMissing !== undefined) {
    options.onMissing(tag, path)
    return undefined
  }
  if (path.length === 1) throw error
  throw new UserError('TAG_NOT_FOUND', `there is no tag "${tag}", which "${path.at(-2)}" names`, {
    hint: `pass over it with -i, or take it out with: ddfs untag ${path.at(-2)} ${tag}`,
    cause: error,
  })
}
