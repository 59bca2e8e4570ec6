import {describe, expect, test} from 'vitest'
import type {JobSummary, TaskInfo} from '../../../../src/protocol/index.ts'
import {openJob, screenOf} from '../../../../src/ui/monitor/model.ts'
import {requestOf} from '../../../../src/ui/monitor/monitor-after.ts'
import {selectedRow} from '../../../../src/ui/monitor/panes.ts'
import {bigJob, fakeSnapshot} from './fake-source.ts'
import {Play} from './play.ts'

const jobAt = ({model}: Play): string => (selectedRow(model, 'jobs') as JobSummary).job
const taskAt = ({model}: Play): number => (selectedRow(model, 'tasks') as TaskInfo).task
const tasksOf = ({model}: Play): readonly TaskInfo[] => model.lists.tasks.rows as readonly TaskInfo[]

describe('the cursor', () => {
  test('moves by arrows and letters, by pages, and to the ends', () => {
    const play = new Play({jobCount: 60}).look()
    const indexAfter = (...keys: string[]): number => play.press(...keys).model.lists.jobs.index
    expect(indexAfter('down', '"jj')).toBe(3)
    expect(indexAfter('up', '"k')).toBe(1)
    expect(indexAfter('"k', '"k')).toBe(0)
    expect(indexAfter('"G')).toBe(59)
    expect(indexAfter('page-up')).toBeLessThan(55)
    expect(indexAfter('page-down', 'page-down')).toBe(59)
    expect(indexAfter('home')).toBe(0)
    expect(indexAfter('end')).toBe(59)
    expect(indexAfter('"g')).toBe(0)
  })

  test('is always in sight', () => {
    const play = new Play({jobCount: 60}).look()
    for (const keys of ['end', 'page-up', 'page-up', 'up', 'home', 'page-down']) {
      play.press(keys)
      for (const rows of [10, 24, 50]) {
        const {index, top} = play.resize(80, rows).model.lists.jobs
        expect(index).toBeGreaterThanOrEqual(top)
        expect(index).toBeLessThan(top + rows)
      }
    }
  })

  test('stays on its job when others come above it', () => {
    const play = new Play({jobCount: 6}).look().press('down', 'down')
    const job = jobAt(play)
    const snapshot = fakeSnapshot(1, {eventsAfter: 0}, {jobCount: 6})
    const newest = {...snapshot.jobs[1]!, job: 'newest@fff'}
    play.event({type: 'snapshot', snapshot: {...snapshot, jobs: [newest, ...snapshot.jobs]}, nowMs: play.nowMs})
    expect([jobAt(play), play.model.lists.jobs.index]).toEqual([job, 3])
  })

  test('on the first task stays first while tasks move', () => {
    const play = new Play({}, {job: bigJob}).look()
    expect(taskAt(play)).toBe(0)
    expect(taskAt(play.look())).toBe(16)
    const other = taskAt(play.press('down'))
    expect([taskAt(play.look()), play.model.lists.tasks.index === 1]).toEqual([other, false])
  })

  test('takes the next row when its own is gone', () => {
    const play = new Play({jobCount: 6}).look().press('end')
    const snapshot = fakeSnapshot(1, {eventsAfter: 0}, {jobCount: 3})
    play.event({type: 'snapshot', snapshot, nowMs: play.nowMs})
    expect(play.model.lists.jobs.index).toBe(2)
  })
})

describe('screens', () => {
  test('open with enter and close with escape', () => {
    const play = new Play().look().press('enter')
    expect(openJob(play.model)).toBe(bigJob)
    expect(play.press('escape').model.screens).toHaveLength(1)
    expect(screenOf(play.press('tab', 'down', 'enter').model)).toMatchObject({type: 'node', node: 'web2'})
    expect(screenOf(play.press('enter').look().model)).toMatchObject({type: 'job', job: bigJob})
    expect(play.press('escape', 'escape', 'escape', 'escape').model.screens).toHaveLength(1)
  })

  test('a job that is opened is asked for at once, and its events from the beginning', () => {
    const play = new Play().look().press('enter')
    expect(play.model.isPollWanted).toBe(true)
    expect(requestOf(play.model)).toEqual({job: bigJob, eventsAfter: -1})
    play.event({type: 'poll-started'}).look(3)
    expect([play.model.isPollWanted, requestOf(play.model).eventsAfter]).toEqual([false, 6])
    expect(requestOf(play.press('escape').model)).toEqual({eventsAfter: -1})
  })

  test('an answer about another job is not shown', () => {
    const play = new Play().look().press('down', 'enter')
    const snapshot = fakeSnapshot(1, {job: bigJob, eventsAfter: 0})
    play.event({type: 'snapshot', snapshot, nowMs: play.nowMs})
    expect([play.model.detail, play.model.events]).toEqual([undefined, []])
  })

  test('events that come twice are shown once, and only the newest 2,000 are kept', () => {
    const play = new Play({}, {job: bigJob}).look(3)
    const late = fakeSnapshot(2, {job: bigJob, eventsAfter: 0})
    play.event({type: 'snapshot', snapshot: late, nowMs: play.nowMs})
    expect(play.model.events.map(({number}) => number)).toEqual([1, 2, 3, 4, 5])
    play.wait(3000).look()
    expect(play.model.events).toHaveLength(2000)
    expect(play.model.events.at(-1)?.number).toBe(3006)
  })

  test('help can be read to its end on the smallest terminal', () => {
    const play = new Play({}, {columns: 40, rows: 10}).look().press('"?', '"G')
    const screen = screenOf(play.model)
    expect(screen).toMatchObject({type: 'text'})
    if (screen.type === 'text') expect(screen.top).toBe(screen.lines.length - 7)
    expect(play.press('"q').model).toMatchObject({isQuitting: false, screens: [{type: 'overview'}]})
  })

  test('tab goes round the lists, shift-tab back', () => {
    const play = new Play({}, {job: bigJob}).look()
    const paneAfter = (key: string): string => {
      const screen = screenOf(play.press(key).model)
      return screen.type === 'text' ? '' : screen.pane
    }
    expect([paneAfter('tab'), paneAfter('tab'), paneAfter('back-tab')]).toEqual(['events', 'stages', 'events'])
  })
})

describe('lists', () => {
  test('are filtered while one types, and whole again after escape', () => {
    const play = new Play({jobCount: 40}).look().press('"/joi')
    expect([play.model.lists.jobs.filter, play.model.lists.jobs.rows.length]).toEqual(['joi', 8])
    expect(play.press('backspace', 'ctrl-u', '"q').model).toMatchObject({
      isQuitting: false,
      lists: {jobs: {filter: 'q'}},
    })
    expect(play.press('backspace', '"PAUSED', 'enter').model.lists.jobs.rows).toHaveLength(8)
    expect(play.look().model.lists.jobs.rows).toHaveLength(8)
    expect(play.press('escape').model.lists.jobs.rows).toHaveLength(40)
  })

  test('are sorted by each column in turn, and the other way round', () => {
    const play = new Play({nodeCount: 4}).look().press('tab')
    const names = (): string[] => (play.model.lists.nodes.rows as {name: string}[]).map(({name}) => name)
    expect(play.press('"s').model.lists.nodes.sortColumn).toBe(0)
    expect(names()).toEqual(['web1', 'web2', 'web3', 'web4'])
    play.press('"S')
    expect(names()).toEqual(['web4', 'web3', 'web2', 'web1'])
    play.press('"S', '"sss')
    expect(names()).toEqual(['web4', 'web3', 'web2', 'web1'])
    for (let column = 0; column < 20; column++) play.press('"s')
    expect(names().toSorted()).toEqual(['web1', 'web2', 'web3', 'web4'])
  })

  test('of tasks show one state, or the slowest first', () => {
    const play = new Play({}, {job: bigJob}).look(4)
    expect(tasksOf(play.press('"2')).every(({state}) => state === 'running')).toBe(true)
    expect(tasksOf(play.press('"3')).map(({task}) => task)).toEqual([11, 12])
    expect(tasksOf(play.press('"4'))[0]?.task).toBe(7)
    expect(new Set(tasksOf(play.press('"5')).map(({state}) => state))).toEqual(new Set(['pending', 'held']))
    expect(tasksOf(play.press('"6'))).toHaveLength(48)
    expect(tasksOf(play.press('"1'))).toHaveLength(80)
  })

  test('of tasks show one stage after enter on it, and all after escape', () => {
    const play = new Play({}, {job: bigJob}).look().press('back-tab', 'down', 'enter')
    expect(new Set(tasksOf(play).map(({stage}) => stage))).toEqual(new Set(['reduce']))
    expect(tasksOf(play.press('escape'))).toHaveLength(80)
    expect(openJob(play.model)).toBe(bigJob)
  })

  test('of events follow the newest until one goes up, and again from the end', () => {
    const play = new Play({}, {job: bigJob}).look(20).press('tab')
    const isLast = (): boolean => play.model.lists.events.index === play.model.events.length - 1
    expect([isLast(), play.model.isFollowing]).toEqual([true, true])
    play.press('up', 'up').look()
    expect([isLast(), play.model.isFollowing]).toEqual([false, false])
    play.press('"G').look()
    expect([isLast(), play.model.isFollowing]).toEqual([true, true])
    play.press('"f').look()
    expect(isLast()).toBe(false)
  })
})

describe('orders', () => {
  test('a job is killed after a yes, and after nothing else', () => {
    const play = new Play().look().press('"x')
    expect(play.model.question).toEqual({order: 'kill', job: bigJob})
    for (const key of ['"n', 'enter', 'escape', 'down', '"q', '"K']) {
      expect(play.press(key).model).toMatchObject({isQuitting: false, note: {text: `${bigJob} was not killed`}})
      expect([play.model.order, play.model.question]).toEqual([undefined, undefined])
      play.press('"K')
    }
    expect(play.press('"y').model).toMatchObject({order: {order: 'kill', job: bigJob}})
    expect(play.event({type: 'order-taken'}).model.order).toBeUndefined()
  })

  test('the question is about the job it was asked for, whatever is above it by then', () => {
    const play = new Play().look().press('down', '"K').look()
    expect(play.press('"y').model.order?.job).toBe('join@4a1')
  })

  test('p pauses what runs and lets go on what is paused', () => {
    expect(new Play().look().press('"p').model.order).toEqual({order: 'pause', job: bigJob})
    expect(new Play().look().press('down', '"p').model.order).toEqual({order: 'resume', job: 'join@4a1'})
    expect(new Play({}, {job: bigJob}).look().press('"p').model.order).toEqual({order: 'pause', job: bigJob})
  })

  test('a job that is over, or none, gets a note', () => {
    const play = new Play().look().press('end', '"K')
    expect(play.model).toMatchObject({note: {text: 'probe@4a5 is cancelled already'}})
    expect(play.model.question).toBeUndefined()
    expect(play.press('tab', '"p').model.note?.text).toBe('put the cursor on a job first')
    expect(play.wait(6).model.note).toBeUndefined()
  })
})

describe('a lost master', () => {
  test('keeps the last state, says since when, and is asked less and less often', () => {
    const play = new Play().look(3)
    const {snapshot, facts} = play.model
    const pauses = Array.from({length: 7}, () => {
      const {connection} = play.fail().model
      if (connection.state === 'up') return 0
      play.wait(1)
      return connection.retryAtMs - play.nowMs + 1000
    })
    expect(pauses).toEqual([1000, 2000, 4000, 8000, 15_000, 15_000, 15_000])
    expect([play.model.snapshot, play.model.facts]).toEqual([snapshot, facts])
    expect(play.model.connection).toMatchObject({state: 'lost', failureCount: 7})
  })

  test('that is back is told for a while', () => {
    const play = new Play().look().fail().wait(11).look()
    expect(play.model).toMatchObject({connection: {state: 'up'}, note: {text: 'the master is back after 12 s'}})
    expect(play.look(7).model.note).toBeUndefined()
  })
})

test('an order that failed is told in the last line', () => {
  const play = new Play().look().event({type: 'noted', text: 'cannot kill x: no', isBad: true, nowMs: 0})
  expect(play.model).toMatchObject({note: {text: 'cannot kill x: no', isBad: true}, isPollWanted: true})
})

test('q and Ctrl-C quit, Ctrl-C also out of a question or a filter', () => {
  expect(new Play().look().press('"q').model.isQuitting).toBe(true)
  expect(new Play().look().press('"K', 'ctrl-c').model.isQuitting).toBe(true)
  expect(new Play().look().press('"/', 'ctrl-c').model.isQuitting).toBe(true)
})

test('5,000 tasks cost a key press nothing that grows with them', () => {
  const play = new Play({taskCount: 5000}, {job: bigJob}).look()
  const {rows} = play.model.lists.tasks
  expect(play.press('down', 'page-down', 'end', '"g').model.lists.tasks.rows).toBe(rows)
})
