/**
 * Whose an open batch is. Batches stand under the name of their rule, and two projects on one cluster may have rules of one name: a run
 * minds the batches of the archive that it shares, and of no other.
 *
 * - Its own is a batch that marks tags which the run's rule reads, under names at which the rule looks for what is done. So the blobs of any
 *   other are not hidden from this rule, nor will be, and it is left alone.
 * - Its own batch for its own sink it finishes; so it does one that its sink has, wherever it was begun for: a database that has moved.
 * - Its own batch for another sink may be in that one: reading its blobs anew would double them, marking them would lose them here.
 */
import {UserError} from '../../base/index.ts'
import {archivedName, archivePrefixOf, type Rule, sourceTagsOf, subRulesOf} from '../../rules/index.ts'
import type {RowSink} from '../../sinks/index.ts'
import type {OpenBatch} from './open-batch.ts'

/** What an archiving rule reads, as prefixes of tags, and the first part of the names of what is done. */
export interface ArchiveReach {
  readonly bases: readonly string[]
  readonly prefix: string
}

/** @param tags - instead of those of the innermost rules (D43) */
export function reachOf(rule: Rule, tags?: readonly string[]): readonly ArchiveReach[] {
  const inner = [...new Set(subRulesOf(rule))]
  const own =
    rule.options.archive === true
      ? [{bases: (inner.length === 0 ? tags : undefined) ?? sourceTagsOf(rule), prefix: archivePrefixOf(rule)}]
      : []
  return [...own, ...inner.flatMap(each => reachOf(each, tags))]
}

/** Whether the rule looks at what the batch marks. */
export function isWithinReach({marks, tags}: OpenBatch, reach: readonly ArchiveReach[]): boolean {
  const names = new Set(marks.map(([name]) => name))
  return reach.some(({bases, prefix}) => {
    // Older versions did not note the tags; archived names differ from them in their first part only.
    if (tags === undefined) {
      return bases.some(base => [...names].some(name => name.startsWith(archivedName(base, prefix))))
    }
    const marked = names.size === 0 ? tags : tags.filter(tag => names.has(archivedName(tag, prefix)))
    return marked.some(tag => bases.some(base => tag.startsWith(base)))
  })
}

export interface FoundBatches {
  /** To be finished before anything else is read. */
  readonly begun: OpenBatch | undefined
  /** The sink has it, maybe in tables that the rule had before it was changed. */
  readonly isWritten: boolean
  /** Of a version of the rule that is gone, and not in the sink: nobody can finish them, and their blobs are read again. */
  readonly stale: readonly OpenBatch[]
  /** Of others, or of this rule when it read other tags: not touched. */
  readonly foreign: readonly OpenBatch[]
}

/** @throws UserError WRONG_STATE when the rule's own batch is for another sink, and not in this one */
export async function sortBatches(
  batches: readonly OpenBatch[],
  run: {
    readonly rule: string
    readonly reach: readonly ArchiveReach[]
    readonly planHash: string
    readonly sink: Pick<RowSink, 'place' | 'hasBatch' | 'knowsBatch'>
  },
): Promise<FoundBatches> {
  const {sink, reach} = run
  const own = batches.filter(batch => isWithinReach(batch, reach))
  const foreign = batches.filter(batch => !own.includes(batch))
  const elsewhere = (batch: OpenBatch): boolean => batch.sink !== undefined && batch.sink !== sink.place
  for (const batch of own) {
    const isHere = !elsewhere(batch)
    if (isHere && batch.planHash === run.planHash) return {begun: batch, isWritten: false, stale: [], foreign}
    if (await (isHere ? sink.knowsBatch(batch.id) : sink.hasBatch(batch.id))) {
      return {begun: batch, isWritten: true, stale: [], foreign}
    }
  }
  const other = own.find(elsewhere)
  if (other !== undefined) throw begunElsewhere(run.rule, other)
  return {begun: undefined, isWritten: false, stale: own, foreign}
}

function begunElsewhere(rule: string, batch: OpenBatch): UserError {
  return new UserError(
    'WRONG_STATE',
    `a run of ${rule} began a batch of ${inputsText(batch)} for ${batch.sink}, which has not ended; this run writes to another place`,
    {
      hint: `if no such run is going on, run the rule once more with its sink as it was: that ends the batch; or have the blobs read again, which counts them in both if they were written there, with: inferno archive reset ${rule} --open --yes`,
    },
  )
}

/** What a person should know of batches that a run does not finish, a sentence each. */
export function batchNotes(rule: string, {stale, foreign}: Pick<FoundBatches, 'stale' | 'foreign'>): string[] {
  return [
    ...stale.map(
      batch =>
        `an earlier run left ${inputsText(batch)} unfinished, nothing of which was written; ${rule} has changed since, and reads its tags anew`,
    ),
    ...foreign.map(
      batch =>
        `left alone: a batch of ${inputsText(batch)}${fromText(batch)} that a run of ${rule} began${batch.sink === undefined ? '' : ` for ${batch.sink}`}; it is of another project, or of this rule with other tags, and the next run with those ends it`,
    ),
  ]
}

export const inputsText = ({inputs}: OpenBatch): string => (inputs.length === 1 ? '1 input' : `${inputs.length} inputs`)

function fromText({tags, inputs}: OpenBatch): string {
  const [first, ...more] = tags ?? [...new Set(inputs.flatMap(({tag}) => tag ?? []))]
  if (first === undefined) return ''
  return ` of ${first}${more.length === 0 ? '' : ` and ${more.length} more tags`}`
}
