/** Numbers of the rules that daemons with the same home folder run. Read at each scrape: daemons are processes of their own. */
import type {RuleRecord} from '../../storage/index.ts'
import type {Log} from '../run/log.ts'
import {readRuleStates} from '../web/index.ts'
import type {Family, Sample} from './prometheus.ts'

interface Found {
  readonly folder: string
  readonly records: readonly RuleRecord[]
}

/** @param home - the home folder; daemons keep their state in `rules/` below it unless told otherwise */
export async function ruleFamilies(home: string, log: Log): Promise<Family[]> {
  const found: Found[] = []
  for (const read of await readRuleStates(home, state => state.records())) {
    const {folder, path} = read
    if ('value' in read) found.push({folder, records: read.value})
    else log({level: 'warn', msg: 'the state of rules cannot be read', path, text: read.problem})
  }
  return familiesOf(found)
}

/** @param found - records by folder; one rule name may be in several */
export function familiesOf(found: readonly Found[]): Family[] {
  const each = (numberOf: (record: RuleRecord) => number | undefined): Sample[] =>
    found.flatMap(({folder, records}) =>
      records.flatMap(record => {
        const value = numberOf(record)
        return value === undefined ? [] : [{labels: {folder, rule: record.name}, value}]
      }),
    )
  const gauge = (name: string, help: string, numberOf: (record: RuleRecord) => number | undefined): Family => ({
    name,
    type: 'gauge',
    help,
    samples: each(numberOf),
  })
  return [
    gauge(
      'disco_rule_last_success_timestamp_seconds',
      'Last run that succeeded, seconds since 1970.',
      ({lastSuccessMs}) => (lastSuccessMs === undefined ? undefined : lastSuccessMs / 1000),
    ),
    gauge('disco_rule_last_end_timestamp_seconds', 'End of the last run, seconds since 1970.', ({lastEndMs}) =>
      lastEndMs === undefined ? undefined : lastEndMs / 1000,
    ),
    gauge('disco_rule_next_due_timestamp_seconds', 'When it is due next, seconds since 1970.', ({dueMs}) =>
      dueMs === undefined ? undefined : dueMs / 1000,
    ),
    gauge('disco_rule_failing', '1: its last run failed.', ({lastState}) => (lastState === 'failed' ? 1 : 0)),
    gauge('disco_rule_given_up', '1: no retries are left.', ({gaveUpMs}) => (gaveUpMs === undefined ? 0 : 1)),
    gauge('disco_rule_paused', '1: a person has paused it.', ({pausedMs}) => (pausedMs === undefined ? 0 : 1)),
    gauge('disco_rule_retries', 'Retries since its last run by schedule.', ({retryCount}) => retryCount),
  ]
}
