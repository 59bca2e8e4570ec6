/** Which blobs a rule reads now: its tags and days, what the store has, what is archived. */
import type {ClusterClient} from '../../client/index.ts'
import type {TagLogLine} from '../../protocol/index.ts'
import {
  archiveNamesOf,
  archivePrefixOf,
  type BlobChoice,
  chooseBlobs,
  type MatchedTags,
  matchTags,
  type Params,
  type RequestedTags,
  type Rule,
  requestedTags,
  type SelectOverrides,
} from '../../rules/index.ts'
import {ownInputs} from '../run/rule-inputs.ts'
import type {Histories} from './added-times.ts'
import {historiesReadMax} from './limits.ts'
import {archivedUnder, contentsOf, type StoredEntry, tagsBelow} from './read-store.ts'

export interface InputOverrides extends SelectOverrides {
  /** Instead of the rule's sourceUrls. */
  readonly urls?: readonly string[] | undefined
}

export interface InputChoice extends BlobChoice<StoredEntry> {
  readonly requested: RequestedTags
  readonly matched: MatchedTags
  /** Matched tags that have an entry, with the number of their entries. */
  readonly filledTags: ReadonlyMap<string, number>
  /** Of matched tags: those that came along. */
  readonly histories: Histories
  /** Addresses and files beside the tags. */
  readonly urls: readonly string[]
  /** undefined: the rule does not archive. */
  readonly archivePrefix: string | undefined
  /** What stands under the archived names of the matched tags. */
  readonly archivedNames: ReadonlyMap<string, ReadonlySet<string>>
  /** What a person should know, a sentence each. */
  readonly warnings: readonly string[]
}

/** @throws UserError TAG_NOT_FOUND when nothing begins with a tag that is asked for */
export async function chooseInput(
  rule: Rule,
  overrides: InputOverrides,
  given: {
    readonly client: ClusterClient
    readonly params: Params
    readonly nowMs: number
    readonly signal: AbortSignal
  },
): Promise<InputChoice> {
  const {client, signal} = given
  const {options} = rule
  const newestFirst = options.newestFirst ?? true
  const requested = requestedTags(rule, overrides, given.nowMs)
  const known = await tagsBelow(client, requested.bases, signal)
  const matched = matchTags(requested.tags, [...known.keys()], newestFirst)
  const filledTags = new Map(
    matched.tags.map(tag => [tag, known.get(tag)?.entryCount ?? 0] as const).filter(([, count]) => count > 0),
  )
  const filledNames = [...filledTags.keys()]
  const archivePrefix = options.archive === true ? archivePrefixOf(rule) : undefined
  // What is archived already would be left out: the others are not known yet, and there may be few of them.
  const withHistories = archivePrefix === undefined && filledNames.length <= historiesReadMax
  const histories = new Map<string, readonly TagLogLine[]>()
  const onHistory = withHistories ? (tag: string, lines: readonly TagLogLine[]) => histories.set(tag, lines) : undefined
  const [contents, archivedNames] = await Promise.all([
    contentsOf(client, filledNames, signal, onHistory),
    archivedUnder(client, archiveNamesOf(filledNames, archivePrefix), signal),
  ])
  const choice = chooseBlobs(contents, {
    newestFirst,
    maxBlobs: options.maxBlobs,
    archivePrefix,
    archived: archivedNames,
  })
  const urls = overrides.urls ?? ownInputs(rule, {...options.params, ...given.params})
  return {
    ...choice,
    requested,
    matched,
    filledTags,
    histories,
    urls,
    archivePrefix,
    archivedNames,
    warnings: warningsOf(matched, choice),
  }
}

function warningsOf({ragged}: MatchedTags, choice: BlobChoice<StoredEntry>): string[] {
  const warnings = ragged
    .slice(0, raggedShownMax)
    .map(
      ({asked, tag}) => `"${asked}" also takes ${tag}, because tags are prefixes; to leave it out ask for "${asked}:"`,
    )
  if (ragged.length > raggedShownMax) warnings.push(`… and ${ragged.length - raggedShownMax} more tags like it`)
  for (const [tag, count] of countByTag(choice.empty)) {
    warnings.push(`${tag} has ${count === 1 ? 'an empty blob' : `${count} empty blobs`}, left out`)
  }
  const {length} = choice.repeated
  if (length > 0) {
    warnings.push(`${length === 1 ? 'a blob is' : `${length} blobs are`} there more than once; each is read once`)
  }
  return warnings
}

/** The first ones show what is meant. */
const raggedShownMax = 5

function countByTag(blobs: readonly {readonly tag: string}[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const {tag} of blobs) counts.set(tag, (counts.get(tag) ?? 0) + 1)
  return counts
}

/** What a run replaces where a sink is to replace: its days, its tags, or all of the rule. */
export function scopeOf({days, tags}: RequestedTags, overrides: InputOverrides): string {
  if (days !== null && days.length > 0) return days.length === 1 ? days[0]! : `${days.at(-1)}..${days[0]}`
  return overrides.tags === undefined ? 'all' : tags.join(',')
}
