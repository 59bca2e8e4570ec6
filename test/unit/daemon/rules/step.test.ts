import {describe, expect, test} from 'vitest'
import {aRule, done, failed, gone, reading, skipped} from './a-rule.ts'
import {CoreBench, hourMs, minuteMs, startMs} from './bench.ts'

describe('a due rule', () => {
  test('is started when now is later than its time, not at it', () => {
    const bench = new CoreBench([aRule('a')])
    expect(bench.running).toEqual([])
    expect(bench.wakeAtMs).toBe(startMs + 1)
    bench.later(1)
    expect(bench.started).toEqual(['a by schedule'])
    bench.end('a', done)
    bench.later(hourMs - 1)
    expect(bench.running).toEqual([])
    expect(bench.wakeAtMs).toBe(startMs + 1 + hourMs + 1)
    bench.later(2)
    expect(bench.running).toEqual(['a'])
  })

  test('is saved as running before its process is started', () => {
    const bench = new CoreBench([aRule('a')])
    const types = bench.later(1).map(({type}) => type)
    expect(types.indexOf('save-run')).toBeGreaterThanOrEqual(0)
    expect(types.indexOf('save-run')).toBeLessThan(types.indexOf('start-run'))
  })

  test('is not started while its last run goes on, and once when that is over', () => {
    const bench = new CoreBench([aRule('a')])
    bench.later(1)
    bench.later(5 * hourMs)
    expect(bench.started).toEqual([])
    bench.end('a', done)
    expect(bench.started).toEqual(['a by schedule'])
    bench.end('a', done)
    expect(bench.started).toEqual([])
  })

  test('waits for room, and who waits longest goes first', () => {
    const bench = new CoreBench([aRule('a'), aRule('b'), aRule('c'), aRule('d')], {concurrentMax: 2})
    bench.later(1)
    expect(bench.running).toEqual(['a', 'b'])
    bench.end('a', done)
    expect(bench.running).toEqual(['b', 'c'])
    bench.later(2 * hourMs)
    bench.end('b', done)
    expect(bench.started).toEqual(['d by schedule'])
  })

  test('of milliseconds is not started twice in a second', () => {
    const bench = new CoreBench([aRule('a', {schedule: {timeDelta: {milliseconds: 1}}})])
    bench.later(1)
    bench.end('a', done)
    bench.later(999)
    expect(bench.running).toEqual([])
    bench.later(2)
    expect(bench.running).toEqual(['a'])
  })

  test('runs on when the clock was set back', () => {
    const bench = new CoreBench([aRule('a')])
    bench.later(1)
    bench.end('a', done)
    bench.later(-365 * 24 * hourMs)
    bench.later(hourMs + 1)
    expect(bench.running).toEqual(['a'])
  })
})

describe('the end of a run', () => {
  const retrying = aRule('a', {schedule: {timeDelta: {days: 1}}, retry: {countMax: 2, delayMs: 30 * minuteMs}})

  test('with success clears what was wrong', () => {
    const bench = new CoreBench([retrying])
    bench.later(1)
    bench.end('a', failed)
    expect(bench.record('a')).toMatchObject({lastState: 'failed', lastError: 'it went wrong', retryCount: 1})
    bench.later(30 * minuteMs + 1)
    expect(bench.started).toEqual(['a by retry'])
    bench.end('a', done)
    expect(bench.record('a')).toMatchObject({
      lastState: 'done',
      lastSuccessMs: bench.nowMs,
      retryCount: 0,
      told: 'fine',
    })
    expect(bench.record('a').lastError).toBeUndefined()
  })

  test('with failure is retried as often as the rule says, then it has given up', () => {
    const bench = new CoreBench([retrying])
    bench.later(1)
    const told: string[] = []
    for (const count of [1, 2]) {
      bench.end('a', failed)
      told.push(...bench.notices)
      expect(bench.record('a').retryCount).toBe(count)
      bench.later(30 * minuteMs)
      expect(bench.running).toEqual([])
      bench.later(1)
      expect(bench.started).toEqual(['a by retry'])
    }
    bench.end('a', failed)
    told.push(...bench.notices)
    expect(bench.record('a')).toMatchObject({retryCount: 2, gaveUpMs: bench.nowMs, told: 'gave-up'})
    expect(bench.record('a').retryAtMs).toBeUndefined()
    expect(told).toEqual(['failed', 'gave-up'])
    bench.later(10 * hourMs)
    expect(bench.running).toEqual([])
  })

  test('after giving up has its retries again with the next run by schedule', () => {
    const bench = new CoreBench([aRule('a', {retry: {countMax: 0, delayMs: 1}})])
    bench.later(1)
    bench.end('a', failed)
    expect(bench.record('a').gaveUpMs).toBe(bench.nowMs)
    bench.take({type: 'rules-read', modules: [reading([retrying])]})
    bench.later(25 * hourMs)
    bench.end('a', failed)
    expect(bench.record('a')).toMatchObject({retryCount: 1, retryAtMs: bench.nowMs + 30 * minuteMs})
  })

  test('with failure waits for the schedule when the rule has no retry', () => {
    const bench = new CoreBench([aRule('a')])
    bench.later(1)
    bench.end('a', failed)
    expect(bench.record('a')).toMatchObject({retryCount: 0, told: 'failed'})
    expect(bench.wakeAtMs).toBe(startMs + hourMs + 2)
  })

  test('tells of the first failure and of the success after it, not of each between', () => {
    const bench = new CoreBench([aRule('a', {schedule: {timeDelta: {minutes: 1}}})])
    const told: string[] = []
    for (let minute = 0; minute < 5; minute++) {
      bench.later(2 * minuteMs)
      bench.end('a', minute === 4 ? done : failed)
      told.push(...bench.notices)
    }
    expect(told).toEqual(['failed', 'recovered'])
  })

  test('that was skipped is neither success nor failure', () => {
    const bench = new CoreBench([retrying])
    bench.later(1)
    bench.end('a', skipped)
    expect(bench.notices).toEqual([])
    const {lastState, lastSuccessMs, retryAtMs, lastError} = bench.record('a')
    expect({lastState, lastSuccessMs, retryAtMs, lastError}).toEqual({lastState: 'skipped'})
  })

  test('that nobody saw is an interruption: the rule runs again at once', () => {
    const bench = new CoreBench([aRule('a')])
    bench.later(1)
    bench.end('a', gone)
    expect(bench.started).toEqual(['a by again'])
  })

  test('that nobody saw several times in a row is a failure', () => {
    const bench = new CoreBench([aRule('a')])
    bench.later(1)
    for (let count = 0; count < 3; count++) bench.end('a', gone)
    expect(bench.running).toEqual(['a'])
    bench.end('a', gone)
    expect(bench.running).toEqual([])
    expect(bench.record('a').lastError).toContain('4 times in a row')
  })

  test('that comes late, for another run, changes nothing', () => {
    const bench = new CoreBench([aRule('a')])
    bench.later(1)
    expect(bench.take({type: 'run-ended', run: 99, outcome: done})).toEqual([{type: 'wake', atMs: undefined}])
    expect(bench.running).toEqual(['a'])
  })

  test('of a rule that is removed meanwhile is kept all the same', () => {
    const bench = new CoreBench([aRule('a')])
    bench.later(1)
    bench.take({type: 'rules-read', modules: []})
    expect(bench.messages).toContain('rule removed')
    expect(bench.running).toEqual(['a'])
    bench.end('a', failed)
    expect(bench.record('a').lastState).toBe('failed')
    expect(bench.running).toEqual([])
  })
})

describe('a daemon that starts', () => {
  const openRun = {
    id: 7,
    rule: 'm.a',
    trigger: 'schedule',
    state: 'running',
    startedMs: startMs - hourMs,
    endedMs: undefined,
    process: {pid: 5, startedTicks: '9', boot: 'b'},
    error: undefined,
    report: undefined,
  } as const

  test('follows the runs of the one before, and starts no second one beside them', () => {
    const bench = new CoreBench()
    const contents = {records: [], openRuns: [openRun], nextRun: 8, pausedMs: undefined, notices: []}
    bench.take({type: 'started', isPaused: false, contents})
    expect(bench.effects).toContainEqual({type: 'follow-run', run: openRun})
    bench.take({type: 'rules-read', modules: [reading([aRule('a')])]})
    bench.later(hourMs)
    expect(bench.started).toEqual([])
    bench.take({type: 'run-ended', run: 7, outcome: gone})
    expect(bench.started).toEqual(['a by again'])
    expect(bench.state.running.get('m.a')?.id).toBe(8)
  })

  test('judges ends that come before the rules are read when they are', () => {
    const bench = new CoreBench()
    bench.take({
      type: 'started',
      isPaused: false,
      contents: {records: [], openRuns: [openRun], nextRun: 8, pausedMs: undefined, notices: []},
    })
    expect(bench.take({type: 'run-ended', run: 7, outcome: failed})).toEqual([])
    bench.take({type: 'rules-read', modules: [reading([aRule('a', {retry: {countMax: 1, delayMs: 5}})])]})
    expect(bench.notices).toEqual(['failed'])
    expect(bench.record('a').retryCount).toBe(1)
  })

  test('that is to end before the rules are read leaves open runs open', () => {
    const bench = new CoreBench()
    const contents = {records: [], openRuns: [openRun], nextRun: 8, pausedMs: undefined, notices: []}
    bench.take({type: 'started', isPaused: false, contents})
    expect(bench.take({type: 'shutdown'}).map(({type}) => type)).toEqual(['log', 'finished'])
  })

  test('tells people what the one before did not get out', () => {
    const bench = new CoreBench()
    const notice = {kind: 'stale', rule: 'm.a', lastSuccessMs: 1, nowMs: 2} as const
    const notices = [notice, {...notice, rule: 'm.gone'}].map((one, index) => ({
      id: index + 4,
      rule: one.rule,
      notice: JSON.stringify(one),
    }))
    const contents = {records: [], openRuns: [], nextRun: 1, pausedMs: undefined, notices}
    bench.take({type: 'started', isPaused: false, contents})
    const effects = bench.take({type: 'rules-read', modules: [reading([aRule('a')])]})
    expect(effects).toContainEqual(expect.objectContaining({type: 'notify', id: 4, notice}))
    expect(effects).toContainEqual({type: 'drop-notice', id: 5})
    expect(bench.take({type: 'notified', id: 4})).toContainEqual({type: 'drop-notice', id: 4})
    expect(bench.state.nextNotice).toBe(6)
  })

  test('starts nothing before the rules are read', () => {
    const bench = new CoreBench()
    bench.later(hourMs)
    expect(bench.effects).toEqual([])
  })
})

describe('pause', () => {
  test('of a rule starts nothing of it; resume makes up for what was missed once', () => {
    const bench = new CoreBench([aRule('a'), aRule('b')])
    bench.order('pause', 'a')
    bench.later(1)
    expect(bench.running).toEqual(['b'])
    bench.end('b', done)
    bench.later(10 * minuteMs)
    bench.order('resume', 'a')
    expect(bench.started).toEqual(['a by schedule'])
  })

  test('leaves a missed run out when the rule wants that', () => {
    const bench = new CoreBench([aRule('a', {schedule: {timeDelta: {hours: 1}, catchUp: 'skip'}})])
    bench.later(1)
    bench.end('a', done)
    bench.order('pause', 'a')
    bench.later(90 * minuteMs)
    bench.order('resume', 'a')
    expect(bench.started).toEqual([])
    expect(bench.record('a').dueMs).toBe(startMs + 1 + 2 * hourMs)
  })

  test('of all rules is saved, and ends with resume of all', () => {
    const bench = new CoreBench([aRule('a')], {isPaused: true})
    bench.later(hourMs)
    expect(bench.running).toEqual([])
    bench.order('resume')
    expect(bench.effects).toContainEqual({type: 'save-paused', pausedMs: undefined})
    expect(bench.running).toEqual(['a'])
  })

  test('does not touch a run that goes on, nor a wish to run now', () => {
    const bench = new CoreBench([aRule('a'), aRule('b')])
    bench.later(1)
    bench.order('pause')
    expect(bench.running).toEqual(['a', 'b'])
    bench.end('a', done)
    bench.order('wake', 'a')
    expect(bench.started).toEqual(['a by wake'])
  })

  test('drops the order in the same step', () => {
    const bench = new CoreBench([aRule('a')])
    expect(bench.order('pause', 'a')).toContainEqual({type: 'drop-order', id: 1})
  })
})

describe('wake', () => {
  test('runs a rule whatever its schedule says', () => {
    const bench = new CoreBench([aRule('a', {schedule: {timeDelta: {weeks: 1}}})])
    bench.later(1)
    bench.end('a', done)
    bench.order('wake', 'a')
    expect(bench.started).toEqual(['a by wake'])
  })

  test('during a run means once more after it', () => {
    const bench = new CoreBench([aRule('a')])
    bench.later(1)
    bench.order('wake', 'a')
    expect(bench.started).toEqual([])
    bench.end('a', done)
    expect(bench.started).toEqual(['a by wake'])
    bench.end('a', done)
    expect(bench.started).toEqual([])
  })

  test('of a rule that nobody knows does nothing', () => {
    const bench = new CoreBench([aRule('a')])
    bench.order('wake', 'nobody')
    expect(bench.running).toEqual([])
  })
})

describe('maxAge', () => {
  const fresh = aRule('a', {schedule: {timeDelta: {minutes: 10}}, maxAgeMs: 2 * hourMs})

  test('tells once when the newest success is too old, and when it is fresh again', () => {
    const bench = new CoreBench([fresh])
    bench.later(1)
    bench.end('a', done)
    const told: string[] = []
    for (let count = 0; count < 30; count++) {
      bench.later(11 * minuteMs)
      told.push(...bench.notices)
      bench.end('a', count === 20 ? done : skipped)
      told.push(...bench.notices)
    }
    expect(told).toEqual(['stale', 'recovered'])
  })

  test('is looked at when it is over, though nothing is due', () => {
    const bench = new CoreBench([aRule('a', {schedule: {timeDelta: {weeks: 1}}, maxAgeMs: 2 * hourMs})])
    bench.later(1)
    bench.end('a', done)
    expect(bench.wakeAtMs).toBe(bench.nowMs + 2 * hourMs + 1)
  })

  test('says nothing of a rule that is paused', () => {
    const bench = new CoreBench([fresh])
    bench.order('pause', 'a')
    bench.later(10 * hourMs)
    expect(bench.notices).toEqual([])
  })
})

describe('rules that are read again', () => {
  test('a file that was never whole has no rules that go on, and the log does not say so', () => {
    const bench = new CoreBench([])
    bench.take({type: 'rules-read', modules: [reading([], [{line: 7, message: 'no', rule: 'm.a'}])]})
    expect(bench.effects).toContainEqual({
      type: 'log',
      line: expect.objectContaining({level: 'error', msg: 'rule file is broken; its rules do not run', rule: 'm.a'}),
    })
  })

  test('a broken file keeps its rules as they were, and says so with file and line', () => {
    const bench = new CoreBench([aRule('a')])
    bench.take({type: 'rules-read', modules: [reading([], [{line: 7, message: 'no'}])]})
    expect(bench.effects).toContainEqual({
      type: 'log',
      line: expect.objectContaining({
        level: 'error',
        msg: 'rule file is broken; its rules go on as they were',
        file: 'rules/m.ts:7',
        problem: 'no',
      }),
    })
    expect(bench.effects).toContainEqual({
      type: 'save-known',
      rules: [expect.objectContaining({problem: 'rules/m.ts:7  no'})],
    })
    const [start] = bench.later(1).filter(({type}) => type === 'start-run')
    expect(start).toMatchObject({isFromCopy: true, definition: {name: 'm.a'}})
  })

  test('one bad rule of a file leaves the others new and itself as it was', () => {
    const bench = new CoreBench([aRule('a'), aRule('b')])
    const changed = aRule('b', {schedule: {timeDelta: {days: 3}}})
    bench.take({type: 'rules-read', modules: [reading([changed], [{rule: 'm.a', message: 'no'}])]})
    expect([...bench.state.rules.keys()].sort()).toEqual(['m.a', 'm.b'])
    expect(bench.state.rules.get('m.b')?.definition.schedule.text).toBe('every 3 days')
    expect(bench.state.rules.get('m.a')?.problem).toBe('no')
  })

  test('a new schedule counts at once', () => {
    const bench = new CoreBench([aRule('a', {schedule: {timeDelta: {weeks: 1}}})])
    bench.later(1)
    bench.end('a', done)
    bench.later(hourMs)
    bench.take({type: 'rules-read', modules: [reading([aRule('a', {schedule: {timeDelta: {minutes: 1}}})])]})
    expect(bench.started).toEqual(['a by schedule'])
  })

  test('a rule that is gone runs no more; its history is there when it comes back', () => {
    const bench = new CoreBench([aRule('a')])
    bench.later(1)
    bench.end('a', done)
    bench.take({type: 'rules-read', modules: [reading([])]})
    bench.later(5 * hourMs)
    expect(bench.running).toEqual([])
    bench.take({type: 'rules-read', modules: [reading([aRule('a')])]})
    expect(bench.record('a').firstSeenMs).toBe(startMs)
    expect(bench.running).toEqual(['a'])
  })

  test('the same again says nothing', () => {
    const bench = new CoreBench([aRule('a', {schedule: {timeDelta: {weeks: 1}}})])
    bench.take({type: 'rules-read', modules: [reading([aRule('a', {schedule: {timeDelta: {weeks: 1}}})])]})
    expect(bench.effects.map(({type}) => type)).toEqual(['wake'])
  })
})

describe('the end of a daemon', () => {
  test('waits for runs and starts no more', () => {
    const bench = new CoreBench([aRule('a'), aRule('b')], {concurrentMax: 1})
    bench.later(1)
    expect(bench.take({type: 'shutdown'})).not.toContainEqual({type: 'finished'})
    expect(bench.end('a', done)).toContainEqual({type: 'finished'})
    expect(bench.running).toEqual([])
  })

  test('keeps a run that was ended for the next one', () => {
    const bench = new CoreBench([aRule('a')])
    bench.later(1)
    bench.take({type: 'shutdown'})
    expect(bench.end('a', gone)).toContainEqual({type: 'finished'})
    expect(bench.record('a').wanted).toBe('again')
  })

  test('when another has the lease touches nothing any more', () => {
    const bench = new CoreBench([aRule('a')])
    bench.later(1)
    expect(bench.take({type: 'lease-lost'}).map(({type}) => type)).toEqual(['log', 'finished'])
    expect(bench.later(5 * hourMs)).toEqual([])
  })
})
