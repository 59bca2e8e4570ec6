/** Rules, readings and reports for tests of the daemon's core. */
import type {ModuleReading, RuleDefinition} from '../../../../src/daemon/rules/definition.ts'
import type {RunOutcome} from '../../../../src/daemon/rules/events.ts'
import {type CronClass, compileSchedule, type ScheduleOptions} from '../../../../src/daemon/schedule/index.ts'

export interface RuleWishes extends Partial<Omit<RuleDefinition, 'schedule'>> {
  readonly schedule?: ScheduleOptions
}

export function aRule(name: string, wishes: RuleWishes = {}, cronClass?: CronClass): RuleDefinition {
  const {schedule = {timeDelta: {hours: 1}}, ...rest} = wishes
  return {
    name: `m.${name}`,
    module: 'm',
    file: 'rules/m.ts',
    schedule: compileSchedule(schedule, cronClass),
    notify: {isOnFail: true, isOnSuccess: false, addresses: ['a@example.com'], isPagerduty: false},
    key: JSON.stringify([name, wishes]),
    ...rest,
  }
}

export function reading(
  rules: readonly RuleDefinition[],
  problems: ModuleReading['problems'] = [],
  module = 'm',
): ModuleReading {
  return {module, file: `rules/${module}.ts`, rules, problems, modulesRead: []}
}

export const done: RunOutcome = report('done')
export const skipped: RunOutcome = report('skipped', 'too few blobs')
export const failed: RunOutcome = report('failed', 'it went wrong')
export const gone: RunOutcome = {type: 'gone'}

function report(state: 'done' | 'skipped' | 'failed', message?: string): RunOutcome {
  return {type: 'report', state, message, rowCount: 3, seconds: 1, json: JSON.stringify({state})}
}
