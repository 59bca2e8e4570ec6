/** What `ddfs ls` lists, page by page. */
import {type ClusterClient, listAllTags, readAllEntries} from '../../client/index.ts'
import type {TagEntry, TagInfo} from '../../protocol/index.ts'
import {entryText, longLine} from './text.ts'

export interface ListFlags {
  readonly long?: boolean
  /** Entries as well; of deleted tags there is nothing to see. */
  readonly recursive?: boolean
  readonly deleted?: boolean
  readonly 'tag-token'?: string | undefined
}

export interface ListedTag extends TagInfo {
  readonly entries?: readonly TagEntry[]
}

/** Tags that begin with one of the texts; one that begins with two of them comes twice, as in `ls`. */
export async function* listedTags(
  client: ClusterClient,
  prefixes: readonly string[],
  flags: ListFlags,
): AsyncGenerator<ListedTag> {
  for await (const tag of tagsIn(client, prefixes, flags)) {
    yield flags.recursive ? {...tag, entries: await Array.fromAsync(entriesOf(client, tag, flags))} : tag
  }
}

/** The same as lines. */
export async function* listText(
  client: ClusterClient,
  prefixes: readonly string[],
  flags: ListFlags,
): AsyncGenerator<string> {
  for await (const tag of tagsIn(client, prefixes, flags)) {
    yield flags.long ? longLine(tag) : `${tag.tag}\n`
    if (!flags.recursive) continue
    for await (const entry of entriesOf(client, tag, flags)) yield `  ${entryText(entry)}\n`
  }
}

async function* tagsIn(client: ClusterClient, prefixes: readonly string[], flags: ListFlags): AsyncGenerator<TagInfo> {
  const options = {tagToken: flags['tag-token']}
  for (const prefix of prefixes) yield* listAllTags(client, prefix.replace(/^tag:\/\//, ''), flags.deleted, options)
}

async function* entriesOf(client: ClusterClient, tag: TagInfo, flags: ListFlags): AsyncGenerator<TagEntry> {
  if (tag.deletedAtMs !== undefined) return
  for await (const {entry} of readAllEntries(client, tag.tag, {tagToken: flags['tag-token']})) yield entry
}
