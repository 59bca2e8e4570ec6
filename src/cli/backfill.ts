/** `inferno backfill`: a run a day, and what is missing. */
import {formatBytes, UserError} from '../base/index.ts'
import type {ClusterChoice} from '../client/index.ts'
import {type BackfillDay, type BackfillPlan, planBackfill, type RuleTarget, type RunReport} from '../project/index.ts'
import {interruptSignal} from './interrupt-signal.ts'
import {openRuleSink} from './rule-sink.ts'
import {lazyClient, parametersOf, type RuleFlags, sourceOf, targetsOf} from './rule-targets.ts'
import {type TagFlags, tagSession} from './run-tags.ts'

/** `to` is a day here; the sink has a flag of its own. */
export interface BackfillFlags extends Omit<TagFlags, 'to'>, RuleFlags, ClusterChoice {
  readonly sink?: string | undefined
  readonly from: string
  readonly to: string
  readonly 'dry-run': boolean
}

export interface BackfillResult extends BackfillPlan {
  /** Of the days that were run. */
  readonly reports: readonly RunReport[]
}

/** @throws UserError BAD_FLAG, TAG_NOT_FOUND; what the run of a day failed with, after the summary of the days before */
export async function runBackfill(reference: string, flags: BackfillFlags): Promise<BackfillResult> {
  const {settings, params} = await parametersOf(flags)
  const source = sourceOf(oneTarget(reference, await targetsOf(reference, flags)))
  await using cluster = lazyClient(flags)
  const client = await cluster.get()
  const plan = await planned()
  // Rows of a real run may go to standard output.
  const stream = flags['dry-run'] ? process.stdout : process.stderr
  if (flags.json !== true && !(flags.quiet && !flags['dry-run'])) stream.write(planText(plan))
  const reports: RunReport[] = []
  if (!flags['dry-run']) {
    for (const {day} of plan.days.filter(({state}) => state === 'waits')) {
      if (flags.json !== true && !flags.quiet) process.stderr.write(`${day}\n`)
      await runDay(day)
    }
  }
  return {...plan, reports}

  async function planned(): Promise<BackfillPlan> {
    const {signal, release} = interruptSignal('interrupted')
    const sink = await openRuleSink(source, {...flags, to: flags.sink}, settings, {isDryRun: flags['dry-run']})
    try {
      const {from, to} = flags
      return await planBackfill({source, params, client, from, to, sink, nowMs: Date.now(), signal})
    } finally {
      await sink?.close()
      release()
    }
  }

  /** With maxBlobs a day takes several runs of an archiving rule. */
  async function runDay(day: string): Promise<void> {
    const dayFlags = {...flags, to: flags.sink, 'day-start': day, 'day-range': 1}
    for (;;) {
      const {result, error} = await tagSession({source, client, params, flags: dayFlags, settings})
      reports.push(result.report)
      if (error !== undefined) throw error
      const {state, backlog} = result.report
      if (state !== 'done' || backlog.blobs === 0 || source.rule.options.archive !== true) return
    }
  }
}

function oneTarget(reference: string, targets: readonly RuleTarget[]): RuleTarget {
  const [target, ...others] = targets
  if (target !== undefined && others.length === 0) return target
  throw new UserError('BAD_FLAG', `"${reference}" has ${targets.length} rules; a backfill is of one`, {
    hint: `name one: ${targets.map(({rule}) => rule.options.name).join(', ')}`,
    exitCode: 2,
  })
}

const stateTexts: Readonly<Record<BackfillDay['state'], string>> = {
  waits: 'to be run',
  done: 'done already',
  'no tag': 'no tag',
  'no blobs': 'a tag without blobs',
}

function planText({rule, days}: BackfillPlan): string {
  const lines = days.map(({day, state, blobs, bytes}) => {
    const size = blobs === 0 ? '' : `  ${blobs === 1 ? '1 blob' : `${blobs} blobs`}, ${formatBytes(bytes)}`
    return `${day}  ${stateTexts[state]}${size}\n`
  })
  const count = (...states: readonly BackfillDay['state'][]): number =>
    days.filter(({state}) => states.includes(state)).length
  const sum = `${days.length} days: ${count('waits')} to be run, ${count('done')} done, ${count('no tag', 'no blobs')} without data`
  return `${rule}\n${lines.join('')}${sum}\n`
}
