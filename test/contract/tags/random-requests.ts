import type {Random} from '../../../src/base/index.ts'
import type {BlobEntry, StoreRequest, TagChange, TagEntry, TagHead, Version} from '../../../src/protocol/index.ts'

export const tagNames = ['a', 'b:1', 'Z-9', 'a:b']
export const blobIds = Array.from({length: 8}, (_, index) => String(index).repeat(64))

export function blobEntry(index: number, name = `n${index % 3}`, more: Partial<BlobEntry> = {}): BlobEntry {
  return {type: 'blob', blob: blobIds[index % blobIds.length]!, name, bytes: 10 + (index % blobIds.length), ...more}
}

function randomEntry(random: Random): TagEntry {
  const kind = random.int(10)
  if (kind === 0) return {type: 'tag', tag: random.pick(tagNames)}
  if (kind === 1) return {type: 'url', urls: [`http://h/${random.int(3)}`, `tag:${random.int(2)}`]}
  const more = random.int(2) === 0 ? {} : {codec: 'zstd' as const, recordCount: random.int(9), rawBytes: random.int(99)}
  return blobEntry(random.int(8), `n${random.int(3)}`, more)
}

const entriesOf = (random: Random): TagEntry[] => Array.from({length: random.int(5)}, () => randomEntry(random))

/** A pattern may have no name: any. */
function patternOf(random: Random): TagEntry {
  const entry = randomEntry(random)
  return entry.type === 'blob' && random.int(2) === 0 ? {...entry, name: ''} : entry
}

function randomChange(random: Random): TagChange {
  switch (random.int(14)) {
    case 0:
      return {type: 'replace', entries: entriesOf(random)}
    case 1:
    case 2:
      return {type: 'remove', entries: [patternOf(random), patternOf(random)]}
    case 3:
      return {type: 'set-attributes', set: {[random.pick(['x', '__proto__', '7'])]: 'v'}, unset: ['x']}
    case 4:
      return {type: 'set-tokens', read: random.pick(['secret', null]), ...(random.int(2) === 0 && {write: 'w'})}
    case 5:
      return {type: 'delete'}
    case 6:
      return {type: 'restore'}
    case 7:
      return {type: 'purge'}
    case 8:
      return {type: 'place', replicas: ['n1', random.pick(['n2', 'n3'])], replicaCount: 1 + random.int(3)}
    default:
      return {type: 'append', entries: entriesOf(random), unique: random.pick(['entry', 'name', 'none'] as const)}
  }
}

function nextVersion(random: Random, base: Version | undefined, epoch: number): {next: Version; isClaim: boolean} {
  if (base !== undefined && epoch > base.epoch && random.int(3) === 0) return {next: {...base, epoch}, isClaim: true}
  return {next: {epoch, counter: (base?.counter ?? 0) + 1}, isClaim: false}
}

/** A request as a master might send it: mostly in order, sometimes late, twice, from an old master, or nonsense. */
export function randomRequest(
  random: Random,
  headOf: (tag: string) => TagHead | undefined,
  epoch: number,
): StoreRequest {
  const tag = random.pick(tagNames)
  const head = headOf(tag)
  const oldEpoch = random.int(20) === 0 ? epoch - 1 : epoch
  const at = head?.version ?? {epoch, counter: 1}
  switch (random.int(12)) {
    case 0:
      return {type: 'read-head', epoch: oldEpoch, tag}
    case 1:
      return {type: 'read-entries', epoch, tag, at, after: random.int(12), count: random.int(6)}
    case 2:
      return {type: 'read-log', epoch, tag, count: random.int(6)}
    case 3:
      return {type: 'fetch-tag', tag, after: random.int(8)}
    case 4:
      return random.int(3) === 0
        ? {type: 'forget', epoch, tag, upTo: {epoch, counter: at.counter - random.int(2)}}
        : {type: 'find-references', epoch, blobs: blobIds}
    default: {
      const base = random.int(12) === 0 ? {epoch: 1, counter: random.int(4)} : head?.version
      const {next, isClaim} = nextVersion(random, random.int(15) === 0 ? undefined : base, epoch)
      const change: TagChange = isClaim ? {type: 'claim'} : randomChange(random)
      const placement = {replicas: ['n1', 'n2'], replicaCount: 2}
      const commit = {tag, ...(base !== undefined && {base}), next, change, placement, atMs: random.int(1e6), by: 'me'}
      return {type: 'commit', epoch: oldEpoch, commit}
    }
  }
}
