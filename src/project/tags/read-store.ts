/** What the choice of input needs of the cluster: names of tags, their entries, and what is archived. */
import {didYouMean, UserError} from '../../base/index.ts'
import {
  type ClusterClient,
  forEachLimited,
  isTagMissing,
  listAllTags,
  readManyTags,
  walkTags,
} from '../../client/index.ts'
import {
  type BlobEntry,
  contentOf,
  type EntryPage,
  type TagInfo,
  type TagLogLine,
  type UrlEntry,
} from '../../protocol/index.ts'
import type {Candidate, TagContent} from '../../rules/index.ts'
import {namesComparedMax, tagReadsMax} from './limits.ts'
import {isOwnTag} from './own-tags.ts'

/** A blob or an address in a tag. */
export interface StoredEntry extends Candidate {
  readonly entry: BlobEntry | UrlEntry
  /** Among the entries of its tag; undefined for what stands in a tag below. */
  readonly place: number | undefined
}

const storedEntry = (entry: BlobEntry | UrlEntry, place?: number): StoredEntry => ({
  entry,
  place,
  identity: contentOf(entry),
  bytes: entry.type === 'blob' ? entry.bytes : undefined,
})

/**
 * All tags below the names that were asked for, by name.
 *
 * @throws UserError TAG_NOT_FOUND when no tag begins with one of them, with the nearest names
 */
export async function tagsBelow(
  client: ClusterClient,
  bases: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, TagInfo>> {
  const found = new Map<string, TagInfo>()
  for (const base of bases) {
    let isFound = false
    for await (const info of listAllTags(client, base)) {
      signal.throwIfAborted()
      if (isOwnTag(info.tag) && !isOwnTag(base)) continue
      isFound = true
      found.set(info.tag, info)
    }
    if (!isFound) throw await noSuchTag(client, base)
  }
  return found
}

async function noSuchTag(client: ClusterClient, asked: string): Promise<UserError> {
  const names = new Set<string>()
  const partCount = asked.split(':').length
  for await (const {tag} of listAllTags(client, '')) {
    if (isOwnTag(tag)) continue
    names.add(tag)
    // Days come behind: the part that can be compared is as long as what was asked for.
    names.add(tag.split(':').slice(0, partCount).join(':'))
    if (names.size >= namesComparedMax) break
  }
  const known = [...names]
  return new UserError('TAG_NOT_FOUND', `no tag begins with "${asked}".${didYouMean(asked, known)}`, {
    hint:
      known.length === 0 ? 'the cluster has no tags; put files there with: ddfs push' : 'see the names with: ddfs ls',
    exitCode: 2,
  })
}

/**
 * Blobs and addresses of tags, those of tags in them too. In the order of `tags`. A tag that went away meanwhile has none.
 *
 * One request for hundreds of small tags; tags of more than a page, and those that name tags, are read one by one.
 *
 * @param onHistory - is told the tags' histories on the way, as far as the master tells them
 */
export async function contentsOf(
  client: ClusterClient,
  tags: readonly string[],
  signal: AbortSignal,
  onHistory?: (tag: string, lines: readonly TagLogLine[]) => void,
): Promise<TagContent<StoredEntry>[]> {
  const contents: TagContent<StoredEntry>[] = []
  const larger: number[] = []
  const withHistory = onHistory !== undefined
  for await (const {tag, page, lines} of readManyTags(client, tags, 'entries', {signal, withHistory})) {
    if (lines !== undefined) onHistory?.(tag, lines)
    const index = contents.length
    contents.push({tag, entries: page === undefined ? [] : entriesOf(page)})
    if (page !== undefined && !isWhole(page)) larger.push(index)
  }
  await forEachLimited(
    () => larger,
    tagReadsMax,
    signal,
    async (index, _, inner) => {
      const {tag} = contents[index]!
      const entries: StoredEntry[] = []
      const walked = walkTags(client, [tag], {signal: inner, onMissing: () => undefined})
      // With tags in the tag, places are not those of its own entries any more.
      let isPlain = true
      for await (const {entry, path} of walked) {
        isPlain &&= path.length === 1
        entries.push(storedEntry(entry, isPlain ? entries.length : undefined))
      }
      contents[index] = {tag, entries}
    },
  )
  return contents
}

/** Nothing follows it, and no other tag has to be read for it. */
const isWhole = ({next, entries}: EntryPage): boolean =>
  next === undefined && entries.every(({entry}) => entry.type !== 'tag')

const entriesOf = ({entries}: EntryPage): StoredEntry[] =>
  entries.flatMap(({entry}, index) => (entry.type === 'tag' ? [] : [storedEntry(entry, index)]))

/** Identities under archived names; a name that is no tag yet has none. */
export async function archivedUnder(
  client: ClusterClient,
  names: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const archived = new Map<string, ReadonlySet<string>>()
  for (const {tag, entries} of await contentsOf(client, names, signal)) {
    archived.set(tag, new Set(entries.map(({identity}) => identity)))
  }
  return archived
}

/** @returns undefined when there is no such tag */
export async function readTagIfThere(
  client: ClusterClient,
  tag: string,
  signal: AbortSignal,
): Promise<TagInfo | undefined> {
  try {
    return await client.readTag(tag, {signal})
  } catch (error) {
    if (isTagMissing(error)) return undefined
    throw error
  }
}
