/**
 * Entries of our tags as Disco's replica sets, and back.
 *
 * Disco lists what was added last first, we list it last: one is the other, reversed. A blob's name in a tag is its object
 * name with a dot for the `$`, which no name of Disco has; of a blob that was pushed otherwise the name is made legal, and
 * its stamp comes from its hash.
 */
import {
  type BlobEntry,
  type BlobId,
  blobNameLengthMax,
  blobPrefixLengthMax,
  blobUrl,
  isObjectStamp,
  type ObjectName,
  parseBlobUrl,
  parseTagLink,
  type ReplicaSet,
  type TagEntry,
} from '../../protocol/index.ts'

/** Of a blob that Disco did not name: the same each time that it is asked for. */
function stampOf(blob: BlobId): string {
  return [blob.slice(0, 3), blob.slice(3, 8), blob.slice(8, 13)].map(part => part.replace(/^0+(?=.)/, '')).join('-')
}

/** The name that a blob has for Disco: one of Disco's own is taken apart, any other gets a stamp that stays the same. */
export function objectOf({name, blob}: Pick<BlobEntry, 'name' | 'blob'>): ObjectName {
  const at = name.lastIndexOf('.')
  const stamp = name.slice(at + 1)
  const isOurs = at > 0 && stamp.includes('-') && isObjectStamp(stamp)
  const prefix = (isOurs ? name.slice(0, at) : name).replace(/[^A-Za-z0-9_\-@:]/g, '_').slice(-blobPrefixLengthMax)
  return {name: prefix === '' ? '_' : prefix, stamp: isOurs ? stamp : stampOf(blob)}
}

const entryNameOf = ({name, stamp}: ObjectName): string => `${name}.${stamp}`.slice(-blobNameLengthMax)

/** @param replicaCount - nodes that have the blob; one URL for each, at least one */
export function replicaSetOf(entry: TagEntry, host: string, replicaCount: number): ReplicaSet {
  switch (entry.type) {
    case 'tag':
      return [`tag://${entry.tag}`]
    case 'url':
      return entry.urls
    case 'blob': {
      const address = {...objectOf(entry), blob: entry.blob}
      return Array.from({length: Math.max(replicaCount, 1)}, (_, replica) => blobUrl(host, replica, address))
    }
  }
}

/** What a replica set becomes. Anything that is no blob of ours and no plain link is kept as it is, URL by URL. */
export function entryOf(set: ReplicaSet, bytesOf: (blob: BlobId) => number | undefined): TagEntry {
  const [first = ''] = set
  const link = set.length === 1 ? parseTagLink(first) : undefined
  if (link !== undefined) return {type: 'tag', tag: link}
  const addresses = set.map(parseBlobUrl)
  const address = addresses[0]
  const bytes = address === undefined ? undefined : bytesOf(address.blob)
  const areEqual = addresses.every(one => one?.blob === address?.blob)
  if (address === undefined || bytes === undefined || !areEqual) return {type: 'url', urls: [...set]}
  return {type: 'blob', blob: address.blob, name: entryNameOf(address), bytes}
}

/** Blobs that replica sets name. */
export const blobsIn = (sets: readonly ReplicaSet[]): BlobId[] => [
  ...new Set(sets.flatMap(set => set.flatMap(url => parseBlobUrl(url)?.blob ?? []))),
]

/** By which `update=1` knows equal sets: the name before the `$`, or the tag; undefined: equal to none. */
export function updateKeyOf(set: ReplicaSet): string | undefined {
  const [first = ''] = set
  const tag = /^tag:\/\/(?:.*\/)?([^/]+)$/.exec(first)
  if (tag !== null) return `tag ${tag[1]}`
  // The name is the last part of the path, behind its folder of two digits, wherever two characters stand elsewhere.
  const blob = /\/[^/]{2}\/([^/$]+)\$[^/]*$/.exec(first)
  return blob === null ? undefined : `blob ${blob[1]}`
}
