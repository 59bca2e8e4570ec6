/** All that is true of a state after each step. Run by the tests. */
import {assert} from '../../base/index.ts'
import type {DaemonState} from './state.ts'

/** @throws InvariantError that names what does not hold */
export function checkState(state: DaemonState): void {
  const ids = new Set<number>()
  for (const [name, run] of state.running) {
    assert(run.rule === name, `the run ${run.id} is filed under its rule ${run.rule}`)
    assert(run.state === 'running', `the open run ${run.id} is running`)
    assert(run.id < state.nextRun, `the run ${run.id} was numbered before the next one, ${state.nextRun}`)
    assert(!ids.has(run.id), `the run ${run.id} is open once`)
    ids.add(run.id)
  }
  for (const [name, record] of state.records) {
    assert(record.name === name, `the record of ${name} has its name`)
    const {retryCount, retryAtMs} = record
    assert(retryAtMs === undefined || retryCount > 0, `the retry of ${name} that is to come is counted`)
    assert(record.told !== 'gave-up' || record.gaveUpMs !== undefined, `${name} has given up if people were told so`)
    if (state.phase === 'working' && state.rules.has(name) && !state.running.has(name)) {
      assert(
        record.wanted === undefined || state.running.size >= state.concurrentMax || isPaused(state, name),
        `${name} that is wanted runs`,
      )
    }
  }
  for (const name of state.rules.keys()) assert(state.records.has(name), `the rule ${name} has a record`)
  assert(state.changed.size === 0, 'all changes of a step are saved')
}

const isPaused = (state: DaemonState, name: string): boolean =>
  state.pausedMs !== undefined || state.records.get(name)?.pausedMs !== undefined
