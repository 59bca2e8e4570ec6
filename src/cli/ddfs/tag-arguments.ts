/** What a person may write where a tag, a blob or a URL is meant. */
import {UserError} from '../../base/index.ts'
import {type ClusterClient, isTagMissing, listAllTags} from '../../client/index.ts'
import {isBlobId, isTagName, parseTagName, type TagEntry} from '../../protocol/index.ts'

/** `tag://data:log` and `data:log` are the same tag. @throws UserError BAD_NAME */
export const tagNameOf = (text: string): string => parseTagName(text.replace(/^tag:\/\//, ''))

/** Tags by name, or all that begin with the given texts, in the order given. */
export async function tagsOf(client: ClusterClient, texts: readonly string[], isPrefix: boolean): Promise<string[]> {
  if (!isPrefix) return texts.map(tagNameOf)
  const tags = new Set<string>()
  for (const text of texts) {
    for await (const {tag} of listAllTags(client, text)) tags.add(tag)
  }
  if (tags.size > 0) return [...tags]
  throw new UserError('TAG_NOT_FOUND', `no tag begins with ${texts.map(text => `"${text}"`).join(' or ')}`, {
    hint: 'see the names with: ddfs ls',
  })
}

/** An argument of `ddfs tag`: a blob's id, the URL of something elsewhere, or a tag. */
export async function entryOf(client: ClusterClient, text: string): Promise<TagEntry> {
  if (isBlobId(text)) return blobEntry(client, text)
  if (/^https?:\/\//.test(text)) {
    const blob = /\/blobs\/([0-9a-f]{64})$/.exec(text)?.[1]
    return blob === undefined ? {type: 'url', urls: [text]} : blobEntry(client, blob)
  }
  if (isTagName(text.replace(/^tag:\/\//, ''))) return {type: 'tag', tag: tagNameOf(text)}
  throw new UserError('BAD_NAME', `"${text}" is neither a blob, a URL nor the name of a tag`, {
    hint: 'blobs are 64 hexadecimal digits (ddfs blobs TAG); to store a file use: ddfs push',
    exitCode: 2,
  })
}

async function blobEntry(client: ClusterClient, blob: string): Promise<TagEntry> {
  const {blobs} = await client.locateBlobs([blob])
  const [place] = blobs
  if (place === undefined || place.replicas.length === 0) {
    throw new UserError('BLOB_NOT_FOUND', `no node holds blob ${blob}`, {
      hint: 'see which nodes are away with: disco nodes   (and what is missing: ddfs fsck)',
    })
  }
  return {type: 'blob', blob, name: blob.slice(0, 12), bytes: place.bytes}
}

/** Whether there is such a tag (now). */
export async function tagExists(client: ClusterClient, tag: string, tagToken?: string): Promise<boolean> {
  try {
    await client.readTag(tag, {tagToken})
    return true
  } catch (error) {
    if (isTagMissing(error)) return false
    throw error
  }
}
