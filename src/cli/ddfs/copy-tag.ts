/** Copies a tag by what clients can do: read it, write it. */
import {UserError} from '../../base/index.ts'
import {appendEntries, type CallOptions, type ClusterClient, readAllEntries} from '../../client/index.ts'
import {commitEntryCountMax, type TagEntry, type TagInfo} from '../../protocol/index.ts'

/**
 * Entries and attributes of `from` replace those of `to`. Tokens are secrets that the cluster
 * never gives out, so they cannot be copied: a tag that has some is copied only by who gives one, which a new tag then gets.
 *
 * A tag with more entries than one change can bring is filled in several; readers may see a part of it meanwhile.
 */
export async function copyTag(client: ClusterClient, from: string, to: string, options: CallOptions): Promise<TagInfo> {
  if (from === to) throw new UserError('BAD_FLAG', `"${from}" cannot be copied onto itself`, {exitCode: 2})
  const info = await client.readTag(from, options)
  if ((info.hasReadToken || info.hasWriteToken) && options.tagToken === undefined) {
    // What was closed must not become open by a new name.
    throw new UserError('FORBIDDEN', `"${from}" has tokens, and "${to}" would have none`, {
      hint: `give one with --tag-token, and a new tag gets it; or open the old one first: ddfs chtok ${from} "" -r -w`,
    })
  }
  const entries: TagEntry[] = []
  for await (const {entry} of readAllEntries(client, from, options)) entries.push(entry)
  const replicas = {replicaCount: info.replicaCount}
  const first = entries.slice(0, commitEntryCountMax)
  let {tag} = await client.changeTag(to, {change: {type: 'replace', entries: first}, ...replicas}, options)
  const rest = entries.slice(commitEntryCountMax)
  if (rest.length > 0) tag = (await appendEntries(client, to, rest, {...options, unique: 'none'})).answer.tag
  const unset = Object.keys(tag.attributes).filter(name => !(name in info.attributes))
  if (unset.length === 0 && Object.keys(info.attributes).length === 0) return tag
  const change = {type: 'set-attributes', set: info.attributes, unset} as const
  return (await client.changeTag(to, {change}, options)).tag
}
