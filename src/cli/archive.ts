/** `inferno archive list` and `reset`. */
import {formatBytes, printable, UserError} from '../base/index.ts'
import type {ClusterChoice} from '../client/index.ts'
import {type ArchiveList, listArchive, planReset, type ResetPlan, resetArchive} from '../project/index.ts'
import {parseDay} from '../rules/index.ts'
import {interruptSignal} from './interrupt-signal.ts'
import {lazyClient, type RuleFlags, sourceOf, targetsOf} from './rule-targets.ts'

interface ArchiveFlags extends ClusterChoice, Pick<RuleFlags, 'rules-directory' | 'settings'> {
  readonly day?: string | undefined
  readonly from?: string | undefined
  readonly to?: string | undefined
  readonly json?: boolean | undefined
}

/** @throws UserError BAD_RULE for a rule that does not archive, TAG_NOT_FOUND */
export async function showArchive(reference: string, flags: ArchiveFlags): Promise<readonly ArchiveList[]> {
  return eachRule(reference, flags, async (source, selection) => {
    const list = await listArchive(source, selection)
    if (flags.json !== true) process.stdout.write(listText(list))
    return list
  })
}

export interface ResetResult {
  readonly rule: string
  readonly blobs: number
  readonly isDone: boolean
}

/**
 * Without `--yes` only says what would be done.
 *
 * @throws UserError BAD_RULE for a rule that does not archive, TAG_NOT_FOUND
 */
export async function resetRuleArchive(
  reference: string,
  flags: ArchiveFlags & {readonly yes: boolean; readonly open: boolean},
): Promise<readonly ResetResult[]> {
  return eachRule(reference, flags, async (source, selection) => {
    const plan = await planReset(source, selection, flags.open)
    const blobs = plan.tags.reduce((sum, {entries}) => sum + entries.length, 0)
    if (flags.json !== true) process.stdout.write(resetText(plan, flags.yes, addsToSink(source), flags.open))
    if (flags.yes) await resetArchive(selection.client, plan, selection.signal)
    return {rule: plan.rule, blobs, isDone: flags.yes}
  })
}

type Source = Parameters<typeof listArchive>[0]
type Selection = Parameters<typeof listArchive>[1]

async function eachRule<Result>(
  reference: string,
  flags: ArchiveFlags,
  work: (source: Source, selection: Selection) => Promise<Result>,
): Promise<readonly Result[]> {
  const days = daysOf(flags)
  const targets = await targetsOf(reference, flags)
  const {signal, release} = interruptSignal('interrupted')
  await using cluster = lazyClient(flags)
  try {
    const results: Result[] = []
    for (const target of targets) {
      results.push(await work(sourceOf(target), {client: await cluster.get(), nowMs: Date.now(), signal, days}))
    }
    return results
  } finally {
    release()
  }
}

function daysOf({day: only, from, to}: ArchiveFlags): Selection['days'] {
  if (only !== undefined) {
    const day = dayOf('--day', only)
    return {from: day, to: day}
  }
  if (from === undefined && to === undefined) return undefined
  const days = {
    from: from === undefined ? Number.MIN_SAFE_INTEGER : dayOf('--from', from),
    to: to === undefined ? Number.MAX_SAFE_INTEGER : dayOf('--to', to),
  }
  if (days.from <= days.to) return days
  throw new UserError('BAD_FLAG', `--from ${from} is after --to ${to}`, {hint: 'both days are included', exitCode: 2})
}

function dayOf(flag: string, text: string): number {
  const day = parseDay(text)
  if (day !== undefined) return day
  throw new UserError('BAD_FLAG', `${flag} "${printable(text)}" is not a day`, {
    hint: 'write it as 2026-11-23',
    exitCode: 2,
  })
}

function listText({rule, tags}: ArchiveList): string {
  const lines = tags.map(
    ({source, archive, done, waiting, bytes}) =>
      `${printable(source)}  ${done} done (${formatBytes(bytes)}), ${waiting} waiting  in ${printable(archive)}\n`,
  )
  return `${rule}\n${lines.length === 0 ? 'no tags\n' : lines.join('')}`
}

/** What a new batch of the same blobs would do to the rows that are there. */
function addsToSink({rule: {options}}: Source): boolean {
  const {sink} = options
  return sink !== undefined && (typeof sink !== 'object' || sink.mode !== 'replace')
}

function resetText(
  {rule, tags, openBatches}: ResetPlan,
  isDone: boolean,
  isAdding: boolean,
  isOpenOnly: boolean,
): string {
  const lines = tags.map(
    ({archive, entries}) => `${printable(archive)}  ${entries.length === 1 ? '1 blob' : `${entries.length} blobs`}\n`,
  )
  const open = openBatches
    .map(({inputs, sink}) => {
      const count = inputs.length === 1 ? '1 blob' : `${inputs.length} blobs`
      return `a batch of ${count} that was begun${sink === undefined ? '' : ` for ${sink}`} is forgotten\n`
    })
    .join('')
  if (lines.length === 0 && open === '') return `${rule}: nothing is ${isOpenOnly ? 'begun' : 'archived'}\n`
  const end = isDone ? 'taken out; the rule reads them again\n' : 'nothing was changed; do it with --yes\n'
  const again = isAdding
    ? 'rows of them that are in the sink stay there, and come a second time: take them out first\n'
    : ''
  return `${rule}\n${lines.join('')}${open}${again}${end}`
}
