/** `inferno results RULE@JOB`: kept rows to where rows go. */
import {UserError} from '../base/index.ts'
import type {ClusterChoice} from '../client/index.ts'
import {keptRowsOf, keptRun} from '../project/index.ts'
import {deliverRows} from './deliver-rows.ts'
import {interruptSignal} from './interrupt-signal.ts'
import {openRuleSink, type SinkFlags} from './rule-sink.ts'
import {lazyClient, parametersOf, type RuleFlags, sourceOf, targetsOf} from './rule-targets.ts'
import type {SessionFlags} from './session-flags.ts'
import {collectRows} from './session-result.ts'

export type KeptFlags = Pick<SessionFlags, 'format' | 'out' | 'rows' | 'quiet' | 'json'> &
  SinkFlags &
  RuleFlags &
  ClusterChoice

/** @throws UserError JOB_NOT_FOUND when no rows are kept, WRONG_STATE when they are not complete or of another rule (D46) */
export async function deliverKept(name: string, flags: KeptFlags): Promise<unknown> {
  const {settings, params} = await parametersOf(flags)
  const at = name.lastIndexOf('@')
  if (at < 1) {
    throw new UserError('BAD_FLAG', `"${name}" is not the name of a run`, {
      hint: 'write MODULE.RULE@STAMP',
      exitCode: 2,
    })
  }
  const [target] = await targetsOf(name.slice(0, at), flags)
  if (target === undefined)
    throw new UserError('RULE_NOT_FOUND', `there is no rule for ${name}`, {
      hint: 'see the rules of this folder with: inferno rules   (another folder: -y)',
      exitCode: 2,
    })
  const source = sourceOf(target)
  const {signal, release} = interruptSignal('interrupted')
  await using cluster = lazyClient(flags)
  const client = await cluster.get()
  const sink = await openRuleSink(source, flags, settings)
  try {
    const about = await keptRowsOf(client, `${target.module.name}.${target.rule.options.name}${name.slice(at)}`)
    const {run} = await keptRun(source, about, {client, params, signal})
    const {rule, planHash, scope, batch: id, job} = about
    if (sink !== undefined) {
      const batch = {id, rule, planHash, scope, blobCount: 0, startedAtMs: Date.now()}
      const {isRepeat, rowCounts} = await sink.write(batch, run.rows(), signal)
      const told = isRepeat ? `the rows are in ${sink.name} already` : `rows to ${sink.name}`
      if (!flags.quiet && flags.json !== true) process.stderr.write(`${told}\n`)
      return {rule, job, rowCounts, isRepeat, sink: sink.name}
    }
    if (flags.json === true && flags.out === undefined) {
      const {keysets, delivered} = collectRows(run, {})
      return {rule, job, keysets, rowCounts: delivered.rowCounts}
    }
    const {rowCounts, files} = await deliverRows(run, {...sessionDefaults, ...flags}, settings, signal)
    if (!flags.quiet && flags.json !== true) for (const file of files) process.stderr.write(`wrote ${file}\n`)
    return {rule, job, rowCounts, files}
  } finally {
    await sink?.close()
    release()
  }
}

/** What only a scan looks at. */
const sessionDefaults = {quiet: false} as const
