/** Looking at the archive of a rule, and taking blobs out of it so that they are read again. */

import {UserError} from '../../base/index.ts'
import type {ClusterClient} from '../../client/index.ts'
import type {BlobEntry, UrlEntry} from '../../protocol/index.ts'
import {archivedName, archivePrefixOf, compilePlan, dayOfTag, isArchive, requestedTags} from '../../rules/index.ts'
import type {RunSource} from '../run/index.ts'
import {isWithinReach, reachOf} from './batch-owner.ts'
import {type OpenBatch, readBatchPlace, releaseBatches} from './open-batch.ts'
import {contentsOf, tagsBelow} from './read-store.ts'

export interface ArchiveList {
  readonly rule: string
  readonly tags: readonly {
    /** The tag that is read, and the name under which what is done of it stands. */
    readonly source: string
    readonly archive: string
    readonly done: number
    readonly waiting: number
    /** Of the blobs that are done, as stored. */
    readonly bytes: number
  }[]
}

interface Selection {
  readonly client: ClusterClient
  readonly nowMs: number
  readonly signal: AbortSignal
  /** Numbers of days, both included; without them all tags. */
  readonly days?: {readonly from: number; readonly to: number} | undefined
}

/** @throws UserError BAD_RULE when the rule does not archive, TAG_NOT_FOUND */
export async function listArchive(source: RunSource, selection: Selection): Promise<ArchiveList> {
  const tags = await archiveTags(source, selection)
  return {
    rule: nameOf(source),
    tags: tags.map(({source: tag, archive, done, waiting}) => ({
      source: tag,
      archive,
      done: done.length,
      waiting,
      bytes: done.reduce((sum, entry) => sum + (entry.type === 'blob' ? entry.bytes : 0), 0),
    })),
  }
}

export interface ResetPlan {
  readonly rule: string
  readonly tags: readonly {readonly archive: string; readonly entries: readonly (BlobEntry | UrlEntry)[]}[]
  /** Batches that were begun, would mark something of these tags, and are not archived: they are forgotten too. */
  readonly openBatches: readonly OpenBatch[]
}

/**
 * What `resetArchive` would take out. Only what stands in the rule's own source tags too: of others nothing is known.
 *
 * @param isOpenOnly - nothing but batches that were begun
 */
export async function planReset(source: RunSource, selection: Selection, isOpenOnly = false): Promise<ResetPlan> {
  const tags = await archiveTags(source, selection)
  const entries = new Map<string, (BlobEntry | UrlEntry)[]>()
  for (const {archive, done} of isOpenOnly ? [] : tags) entries.set(archive, [...(entries.get(archive) ?? []), ...done])
  const {batches} = await readBatchPlace(selection.client, nameOf(source), selection.signal)
  const reach = reachOf(source.rule)
  const names = new Set(tags.map(({archive}) => archive))
  return {
    rule: nameOf(source),
    tags: [...entries].filter(([, list]) => list.length > 0).map(([archive, list]) => ({archive, entries: list})),
    openBatches: batches.filter(batch => isWithinReach(batch, reach) && batch.marks.some(([name]) => names.has(name))),
  }
}

/** @returns entries taken out */
export async function resetArchive(client: ClusterClient, plan: ResetPlan, signal: AbortSignal): Promise<number> {
  let count = 0
  for (const {archive, entries} of plan.tags) {
    for (let at = 0; at < entries.length; at += removedAtOnce) {
      // Under any name: the mark may have been set by that of another tag.
      const part = entries
        .slice(at, at + removedAtOnce)
        .map(entry => (entry.type === 'blob' ? {...entry, name: ''} : entry))
      const {removedCount} = await client.changeTag(archive, {change: {type: 'remove', entries: part}}, {signal})
      count += removedCount
    }
  }
  if (plan.openBatches.length > 0) await releaseBatches(client, plan.rule, plan.openBatches, signal)
  return count
}

/** Entries of one change: they fit in one body. */
const removedAtOnce = 1000

const nameOf = ({rule, module, keyset}: RunSource): string => compilePlan(rule, {module, keyset}).plan.rule

interface ArchiveTag {
  readonly source: string
  readonly archive: string
  /** Entries of the source tag that stand in the archive. */
  readonly done: readonly (BlobEntry | UrlEntry)[]
  readonly waiting: number
}

async function archiveTags(source: RunSource, {client, nowMs, signal, days}: Selection): Promise<ArchiveTag[]> {
  const {rule} = source
  if (rule.options.archive !== true) {
    throw new UserError('BAD_RULE', `${nameOf(source)} does not archive`, {
      hint: 'rules that read each blob once say archive: true',
      exitCode: 2,
    })
  }
  const prefix = archivePrefixOf(rule)
  // All days: the archive is older than the days that a run asks for.
  const {bases} = requestedTags(rule, {dayRange: 0}, nowMs)
  const known = await tagsBelow(client, bases, signal)
  const tags = [...known.keys()].filter(tag => !isArchive(tag, prefix) && isWithin(tag, days))
  const [sources, archives] = await Promise.all([
    contentsOf(client, tags, signal),
    contentsOf(client, [...new Set(tags.map(tag => archivedName(tag, prefix)))], signal),
  ])
  const archived = new Map(archives.map(({tag, entries}) => [tag, new Set(entries.map(({identity}) => identity))]))
  return sources.map(({tag, entries}) => {
    const archive = archivedName(tag, prefix)
    const marks = archived.get(archive)
    const done = entries.filter(({identity}) => marks?.has(identity) === true)
    return {source: tag, archive, done: done.map(({entry}) => entry), waiting: entries.length - done.length}
  })
}

function isWithin(tag: string, days: Selection['days']): boolean {
  if (days === undefined) return true
  const day = dayOfTag(tag)
  return day !== undefined && day >= days.from && day <= days.to
}
