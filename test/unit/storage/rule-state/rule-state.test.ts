import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, test} from 'vitest'
import {type Lease, openRuleState, type RuleRecord, type RuleState, type RunRow} from '../../../../src/storage/index.ts'

let folder: string
let state: RuleState
const token = 'a'.repeat(32)
const lease: Lease = {holder: {pid: 1, startedTicks: '2', boot: 'b'}, token, takenAtMs: 10, deadlineMs: 50}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rule-state-'))
  state = await openRuleState(folder)
  state.takeLease(lease, () => true)
})
afterEach(() => {
  state.close()
  rmSync(folder, {recursive: true})
})

function aRun(id: number, changes: Partial<RunRow> = {}): RunRow {
  return {
    id,
    rule: 'm.a',
    trigger: 'schedule',
    state: 'done',
    startedMs: id * 1000,
    endedMs: id * 1000 + 5,
    process: undefined,
    error: undefined,
    report: undefined,
    ...changes,
  }
}

const record: RuleRecord = {
  name: 'm.a',
  firstSeenMs: 1,
  anchorMs: 2,
  lastSuccessMs: undefined,
  lastRun: 3,
  lastState: 'failed',
  lastEndMs: 4,
  lastError: 'no',
  retryCount: 1,
  retryAtMs: 5,
  gaveUpMs: undefined,
  interruptedCount: 0,
  pausedMs: undefined,
  wanted: 'again',
  told: 'failed',
  isToldStale: false,
  dueMs: 6,
}

async function reopened(): Promise<RuleState> {
  state.close()
  state = await openRuleState(folder)
  return state
}

test('what is committed is there after the state is opened again', async () => {
  const open = aRun(4, {state: 'running', endedMs: undefined, process: {pid: 9, startedTicks: '77', boot: 'b'}})
  const known = {
    name: 'm.a',
    file: 'm.ts',
    line: 3,
    description: undefined,
    schedule: 's',
    maxAgeMs: 7,
    problem: undefined,
  }
  const isCommitted = state.commit(token, [
    {type: 'save-rule', record},
    {type: 'save-run', run: aRun(3, {report: '{"x":1}'})},
    {type: 'save-run', run: open},
    {type: 'save-known', rules: [known]},
    {type: 'save-paused', pausedMs: 12},
    {type: 'save-notice', notice: {id: 1, rule: 'm.a', notice: '{}'}},
  ])
  expect(isCommitted).toBe(true)
  const {id} = state
  await reopened()
  expect(state.id).toBe(id)
  expect(state.load()).toEqual({
    records: [record],
    openRuns: [open],
    nextRun: 5,
    pausedMs: 12,
    notices: [{id: 1, rule: 'm.a', notice: '{}'}],
  })
  expect(state.known()).toEqual([known])
  expect(state.run(3)?.report).toBe('{"x":1}')
})

test('a rule has no two open runs: the whole commit is refused', () => {
  const running = (id: number): RunRow => aRun(id, {state: 'running', endedMs: undefined})
  state.commit(token, [{type: 'save-run', run: running(1)}])
  expect(() =>
    state.commit(token, [
      {type: 'save-rule', record},
      {type: 'save-run', run: {...running(2), rule: 'm.b'}},
      {type: 'save-run', run: {...running(3), rule: 'm.b'}},
    ]),
  ).toThrow('UNIQUE')
  expect(state.load().openRuns.map(({id}) => id)).toEqual([1])
  expect(state.records()).toEqual([])
})

describe('the lease', () => {
  const other: Lease = {...lease, token: 'b'.repeat(32), takenAtMs: 60, deadlineMs: 90}

  test('is with whoever has it unless it may be taken', () => {
    expect(state.takeLease(other, () => false)).toEqual(lease)
    expect(state.takeLease(other, held => held.deadlineMs < 60)).toEqual(other)
    expect(state.lease()).toEqual(other)
  })

  test('that was taken lets the old holder write and renew nothing', () => {
    state.takeLease(other, () => true)
    expect(state.renewLease(token, 100)).toBe(false)
    expect(state.commit(token, [{type: 'save-rule', record}])).toBe(false)
    expect(state.records()).toEqual([])
    expect(state.renewLease(other.token, 100)).toBe(true)
    expect(state.lease()?.deadlineMs).toBe(100)
  })

  test('is let go by its holder alone', () => {
    state.releaseLease(other.token)
    expect(state.lease()).toEqual(lease)
    state.releaseLease(token)
    expect(state.lease()).toBeUndefined()
  })

  test('of two who try at the same time is with one', async () => {
    state.releaseLease(token)
    const second = await openRuleState(folder)
    const held = [state.takeLease(lease, () => false), second.takeLease(other, () => false)]
    second.close()
    expect(held).toEqual([lease, lease])
  })
})

test('orders come in order, from another opening, and are dropped with what they lead to', async () => {
  const command = await openRuleState(folder)
  command.addOrder('pause', undefined)
  const wake = command.addOrder('wake', 'm.a')
  command.close()
  expect(state.orders().map(({type, rule}) => [type, rule])).toEqual([
    ['pause', undefined],
    ['wake', 'm.a'],
  ])
  state.commit(token, [{type: 'drop-order', id: wake}])
  expect(state.orders().map(({type}) => type)).toEqual(['pause'])
})

describe('the history', () => {
  test('is listed newest first, of all rules or one', () => {
    for (const id of [1, 2, 3])
      state.commit(token, [{type: 'save-run', run: aRun(id, {rule: id === 2 ? 'm.b' : 'm.a'})}])
    expect(state.runs(undefined, 2).map(({id}) => id)).toEqual([3, 2])
    expect(state.runs('m.a', 9).map(({id}) => id)).toEqual([3, 1])
  })

  test('keeps the last of runs in a row that were skipped', () => {
    const states = ['skipped', 'skipped', 'done', 'skipped', 'skipped'] as const
    for (const [index, runState] of states.entries()) {
      state.commit(token, [{type: 'save-run', run: aRun(index + 1, {state: runState})}])
    }
    expect(state.runs('m.a', 9).map(({id}) => id)).toEqual([5, 3, 2])
  })

  test('is bounded by age and by number of a rule; numbers are not given again', () => {
    for (let id = 1; id <= 8; id++)
      state.commit(token, [{type: 'save-run', run: aRun(id, {rule: id > 6 ? 'm.b' : 'm.a'})}])
    expect(state.trimRuns(8500, {ageMs: 6000, runsOfRuleMax: 3})).toEqual([1, 2, 3])
    expect(state.trimRuns(9_000_000, {ageMs: 1, runsOfRuleMax: 3})).toHaveLength(5)
    expect(state.load().nextRun).toBe(9)
  })

  test('never forgets a run that goes on', () => {
    state.commit(token, [{type: 'save-run', run: aRun(1, {state: 'running', endedMs: undefined})}])
    expect(state.trimRuns(9_000_000, {ageMs: 1, runsOfRuleMax: 0})).toEqual([])
  })
})

test('a corrupt state is an error that says what to do', async () => {
  state.close()
  writeFileSync(`${folder}/rules.sqlite`, 'this is no database, however long it may be'.repeat(100))
  await expect(openRuleState(folder)).rejects.toMatchObject({code: 'CANNOT_START'})
  rmSync(`${folder}/rules.sqlite`)
  state = await openRuleState(folder)
})
