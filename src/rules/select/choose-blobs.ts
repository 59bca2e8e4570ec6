/** Which entries of the matched tags a run reads (spec 9.5, 9.6). */
import {compareText} from '../../base/index.ts'
import {archivedName, isArchive} from './archive-names.ts'

/** What the choice looks at in an entry; callers have more in theirs. */
export interface Candidate {
  /** What it holds, unique in the store: equal identities are one blob. */
  readonly identity: string
  /** As stored; undefined when nobody knows (an address elsewhere). */
  readonly bytes: number | undefined
}

export interface TagContent<Entry extends Candidate> {
  readonly tag: string
  /** In the order in which they were added. */
  readonly entries: readonly Entry[]
}

export interface ChoiceRules {
  readonly newestFirst: boolean
  /** undefined: no limit. */
  readonly maxBlobs: number | undefined
  /** First part of archived names; undefined: the rule does not archive. */
  readonly archivePrefix: string | undefined
  /** What stands under archived names, by name. */
  readonly archived: ReadonlyMap<string, ReadonlySet<string>>
}

export interface ChosenBlob<Entry extends Candidate> {
  readonly tag: string
  readonly entry: Entry
}

export interface BlobChoice<Entry extends Candidate> {
  /** In the order of tag names, then of entries: what accounts and equal keys go by. */
  readonly chosen: readonly ChosenBlob<Entry>[]
  /** Beyond `maxBlobs`. */
  readonly left: readonly ChosenBlob<Entry>[]
  /** Done by an earlier run. */
  readonly archived: readonly ChosenBlob<Entry>[]
  /** Another entry of the same blob was met before. */
  readonly repeated: readonly ChosenBlob<Entry>[]
  /** Without a byte. */
  readonly empty: readonly ChosenBlob<Entry>[]
}

/** @param contents - the matched tags, each once, in any order */
export function chooseBlobs<Entry extends Candidate>(
  contents: readonly TagContent<Entry>[],
  rules: ChoiceRules,
): BlobChoice<Entry> {
  const isDone = archiveTest(contents, rules)
  const choice = {
    chosen: [] as ChosenBlob<Entry>[],
    left: [] as ChosenBlob<Entry>[],
    archived: [] as ChosenBlob<Entry>[],
    repeated: [] as ChosenBlob<Entry>[],
    empty: [] as ChosenBlob<Entry>[],
  }
  const limit = rules.maxBlobs ?? Infinity
  const seen = new Set<string>()
  for (const {tag, entries} of inVisitOrder(contents, rules.newestFirst)) {
    for (const entry of entries) {
      const one = {tag, entry}
      if (entry.bytes === 0) choice.empty.push(one)
      else if (isDone(entry.identity)) choice.archived.push(one)
      else if (seen.has(entry.identity)) choice.repeated.push(one)
      else {
        seen.add(entry.identity)
        const list = choice.chosen.length < limit ? choice.chosen : choice.left
        list.push(one)
      }
    }
  }
  // A stable sort: entries of one tag keep their order.
  choice.chosen.sort((a, b) => compareText(a.tag, b.tag))
  return choice
}

/** Names under which the archive of these tags is to be looked for; none for a rule that does not archive. */
export function archiveNamesOf(tags: readonly string[], archivePrefix: string | undefined): readonly string[] {
  if (archivePrefix === undefined) return []
  return [...new Set(tags.filter(tag => !isArchive(tag, archivePrefix)).map(tag => archivedName(tag, archivePrefix)))]
}

/** One set for all selected tags: a blob that is done under one of them is done. */
function archiveTest<Entry extends Candidate>(
  contents: readonly TagContent<Entry>[],
  {archivePrefix, archived}: ChoiceRules,
): (identity: string) => boolean {
  const names = archiveNamesOf(
    contents.map(({tag}) => tag),
    archivePrefix,
  )
  const sets = names.flatMap(name => archived.get(name) ?? [])
  return identity => sets.some(set => set.has(identity))
}

function inVisitOrder<Entry extends Candidate>(
  contents: readonly TagContent<Entry>[],
  newestFirst: boolean,
): readonly TagContent<Entry>[] {
  return [...contents].sort((a, b) => (newestFirst ? compareText(b.tag, a.tag) : compareText(a.tag, b.tag)))
}

export interface EnoughQuestion {
  /** Blobs from tags, addresses, and inner rules that ran. */
  readonly inputCount: number
  readonly minBlobs: number
  /** False for a rule of addresses alone: one is enough. */
  readonly hasTags: boolean
  /** Waives `minBlobs`, but not that there is something. */
  readonly force: boolean
}

/** undefined: run; else why not, one sentence (D34). */
export function whyNotEnough({inputCount, minBlobs, hasTags, force}: EnoughQuestion): string | undefined {
  if (inputCount === 0) return 'there is nothing to read'
  if (!hasTags || force || inputCount >= minBlobs) return undefined
  return `there ${inputCount === 1 ? 'is 1 blob' : `are ${inputCount} blobs`}, fewer than minBlobs: ${minBlobs}`
}
