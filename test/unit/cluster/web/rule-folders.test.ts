import {mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {ruleFolders, ruleInfo} from '../../../../src/cluster/web/rule-folders.ts'
import {newRecord} from '../../../../src/daemon/rules/state.ts'
import {type KnownRule, openRuleState, type RuleRecord} from '../../../../src/storage/index.ts'
import {temporaryFolder} from '../../storage/folder.ts'

const nowMs = 1_000_000

const known: KnownRule = {
  name: 'visits',
  file: 'visits.ts',
  line: 1,
  description: undefined,
  schedule: 'every 5 minutes',
  maxAgeMs: 60_000,
  problem: undefined,
}

const record: RuleRecord = {
  ...newRecord('visits', 0),
  lastSuccessMs: nowMs - 30_000,
  lastRun: 3,
  lastState: 'done',
  lastEndMs: nowMs - 30_000,
  dueMs: nowMs + 5000,
}

const now = {isRunning: false, isPaused: false, nowMs}

describe('a rule', () => {
  test('is fresh until its last success is older than its maxAge', () => {
    expect(ruleInfo(known, record, now)).toMatchObject({isStale: false, state: 'waiting', nextDueMs: nowMs + 5000})
    expect(ruleInfo(known, {...record, lastSuccessMs: nowMs - 60_000}, now).isStale).toBe(false)
    expect(ruleInfo(known, {...record, lastSuccessMs: nowMs - 60_001}, now).isStale).toBe(true)
  })

  test('that never succeeded ages from when it was first seen', () => {
    const never = {...record, lastSuccessMs: undefined}
    expect(ruleInfo(known, never, now)).toMatchObject({isStale: true})
    expect(ruleInfo(known, {...never, firstSeenMs: nowMs - 1}, now).isStale).toBe(false)
  })

  test('without a limit is never stale', () => {
    expect(ruleInfo({...known, maxAgeMs: undefined}, {...record, lastSuccessMs: 0}, now).isStale).toBe(false)
  })

  test.each([
    ['running', {}, {isRunning: true, isPaused: true}],
    ['paused', {retryAtMs: 1}, {isPaused: true}],
    ['retrying', {retryAtMs: 1, lastState: 'failed' as const}, {}],
    ['failed', {lastState: 'failed' as const}, {}],
    ['waiting', {}, {}],
  ])('is %s', (state, change, current) => {
    expect(ruleInfo(known, {...record, ...change}, {...now, ...current}).state).toBe(state)
  })

  test('that is paused is not due', () => {
    expect(ruleInfo(known, record, {...now, isPaused: true})).not.toHaveProperty('nextDueMs')
  })
})

describe('folders of rules', () => {
  test('are none where no daemon ever ran', async () => {
    const home = temporaryFolder()
    mkdirSync(join(home, 'rules/empty'), {recursive: true})
    expect(await ruleFolders(home, nowMs)).toEqual({folders: [], nowMs})
  })

  test('are told with their rules, and a broken one with what is wrong', async () => {
    const home = temporaryFolder()
    for (const name of ['a', 'b']) mkdirSync(join(home, 'rules', name), {recursive: true})
    const state = await openRuleState(join(home, 'rules/a'))
    const holder = {pid: 1, startedTicks: '1', boot: 'x'}
    state.takeLease({holder, token: 't', takenAtMs: nowMs, deadlineMs: nowMs + 10}, () => true)
    state.commit('t', [
      {type: 'save-known', rules: [known]},
      {type: 'save-rule', record},
    ])
    state.close()
    writeFileSync(
      join(home, 'rules/b/rules.sqlite'),
      'not a database, and long enough to be looked at as one'.repeat(30),
    )
    const {folders} = await ruleFolders(home, nowMs)
    expect(folders).toMatchObject([
      {folder: 'a', isServed: true, rules: [{rule: 'visits', isStale: false}]},
      {folder: 'b', isServed: false, rules: [], problem: expect.stringContaining('corrupt')},
    ])
    expect((await ruleFolders(home, nowMs + 11)).folders[0]?.isServed).toBe(false)
  })
})
