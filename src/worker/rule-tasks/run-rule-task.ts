/** One run of a rule's task, in whatever thread or process. Whatever goes wrong is a result with an error, not an exception. */

import type {ErrorCode} from '../../base/index.ts'
import {assert, InvariantError, UserError} from '../../base/index.ts'
import {taskErrorOf} from '../jobs/task/failures.ts'
import type {TaskError, TaskResult, TaskSpec} from '../jobs/task/types.ts'
import {keptTask} from './kept-task.ts'
import {mergeTask} from './merge-task.ts'
import {ruleErrorText} from './rule-error.ts'
import {lostIn, type RuleTaskOutcome, type ScanTaskPorts, scanTask} from './scan-task.ts'
import type {LoadedWork} from './task-scanner.ts'

/** @throws never */
export async function runRuleTask(loaded: LoadedWork, spec: TaskSpec, ports: ScanTaskPorts): Promise<TaskResult> {
  const start = performance.now()
  const cpu = process.threadCpuUsage()
  let outcomes: readonly RuleTaskOutcome[] = []
  let error: TaskError | null = null
  try {
    outcomes = await perform(loaded, spec, ports)
  } catch (thrown) {
    error = ruleErrorOf(thrown)
  }
  const {user, system} = process.threadCpuUsage(cpu)
  const bytes = outcomes.reduce((sum, {sourceBytes}) => sum + sourceBytes, 0)
  return {
    outputs: outcomes.map(outputOf),
    counters: countersOf(outcomes),
    account: taskAccount(outcomes),
    oob: [],
    logsDropped: 0,
    usage: {wallMs: performance.now() - start, cpuMs: (user + system) / 1000, bytes},
    error,
  }
}

async function perform(loaded: LoadedWork, spec: TaskSpec, ports: ScanTaskPorts): Promise<readonly RuleTaskOutcome[]> {
  const {rule: stage, folder, inputs} = spec
  assert(stage !== undefined, 'a task of a rule says what it does')
  if (stage.type === 'merge') return await mergeTask(loaded.work, stage, inputs, folder, ports)
  if (stage.type === 'kept') return keptTask(loaded.work, stage, folder)
  assert(inputs.length === 1, 'a scan has one input')
  return [await scanTask(loaded, stage, inputs[0]!, folder, ports)]
}

const outputOf = ({file, bytes, account}: RuleTaskOutcome): TaskResult['outputs'][number] => ({
  label: 0,
  file,
  offset: 0,
  bytes,
  records: account.in,
})

function countersOf(outcomes: readonly RuleTaskOutcome[]): Record<string, number> {
  const sums: Record<string, number> = {}
  for (const {counters} of outcomes)
    for (const [name, count] of Object.entries(counters)) sums[name] = (sums[name] ?? 0) + count
  return sums
}

/** Bad records are counted in the partial; here they would be told a second time. */
const taskAccount = (outcomes: readonly RuleTaskOutcome[]): TaskResult['account'] => ({
  in: outcomes.reduce((sum, {account}) => sum + account.in, 0),
  out: 0,
  bad: 0,
  badByReason: {},
  badSamples: [],
})

/** What another try on another node would meet again. */
const finalCodes: ReadonlySet<ErrorCode> = new Set([
  'HOOK_FAILED',
  'BAD_RULE',
  'BAD_PARAMETERS',
  'RULE_FILE_BROKEN',
  'TOO_MANY_BAD',
  'INPUT_UNREADABLE',
  'PARTIAL_GONE',
])

/** The error of a task of a rule. */
export function ruleErrorOf(thrown: unknown): TaskError {
  const lost = lostIn(thrown)
  if (lost !== undefined) return taskErrorOf(lost, undefined)
  const error = taskErrorOf(thrown, undefined)
  if (thrown instanceof InvariantError) return {...error, class: 'fatal'}
  if (!(thrown instanceof UserError)) return error
  return {
    ...error,
    class: finalCodes.has(thrown.code) ? 'fatal' : 'error',
    message: ruleErrorText(thrown),
  }
}
