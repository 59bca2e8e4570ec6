import {PassThrough} from 'node:stream'
import {describe, expect, test} from 'vitest'
import type {JobInfo, StageInfo} from '../../../src/protocol/index.ts'
import {openJobProgress} from '../../../src/ui/index.ts'
import {jobProgressLines} from '../../../src/ui/job-progress-text.ts'
import {noFacts} from '../../../src/ui/monitor/facts.ts'
import {columnsOf} from '../../../src/ui/monitor/terminal-text.ts'
import {Screen} from '../../terminal/screen.ts'

const stage = (name: string, doneCount: number, taskCount: number, more: Partial<StageInfo> = {}): StageInfo => ({
  name,
  grouping: 'split',
  isConcurrent: false,
  state: taskCount > 0 && doneCount === taskCount ? 'done' : taskCount === 0 ? 'waiting' : 'running',
  taskCount,
  pendingCount: 0,
  heldCount: 0,
  runningCount: 0,
  doneCount,
  failedCount: 0,
  records: 0,
  bytes: 0,
  cpuMs: 0,
  ...more,
})

function info(stages: readonly StageInfo[], more: Partial<JobInfo> = {}): JobInfo {
  const sum = (of: (stage: StageInfo) => number): number => stages.reduce((total, one) => total + of(one), 0)
  return {
    job: 'words@1',
    owner: 'ann',
    state: 'running',
    submittedAtMs: 0,
    taskCount: sum(({taskCount}) => taskCount),
    doneCount: sum(({doneCount}) => doneCount),
    runningCount: sum(({runningCount}) => runningCount),
    failedCount: sum(({failedCount}) => failedCount),
    priority: 0,
    weight: 1,
    stages,
    nowMs: 0,
    ...more,
  }
}

describe('the lines of a job', () => {
  test('are that of the monitor, and a bar for each stage', () => {
    const job = info([stage('map', 6, 12, {runningCount: 2, failedCount: 1}), stage('reduce', 0, 0)])
    expect(jobProgressLines(job, noFacts(0), 100, 24)).toEqual([
      'words@1 running  50 % · 6 of 12 tasks · 2 running · 1 failed attempts',
      '  map            ████████████░░░░░░░░░░░░ 50 %  6/12  2 running  1 failed',
      '  reduce         ░░░░░░░░░░░░░░░░░░░░░░░░  waits',
    ])
  })

  test('fit any terminal, and of many stages show those that are at work', () => {
    const job = info(Array.from({length: 30}, (_, index) => stage(`stage-${index}-日本`, index < 10 ? 5 : 0, 5)))
    for (const [columns, rows] of [
      [40, 4],
      [79, 1],
      [200, 50],
    ] as const) {
      const lines = jobProgressLines(job, noFacts(0), columns, rows)
      expect(lines.length).toBeLessThanOrEqual(rows)
      for (const line of lines) expect(columnsOf(line)).toBeLessThanOrEqual(columns)
    }
    expect(jobProgressLines(job, noFacts(0), 100, 24).slice(1, 3).join('\n')).toMatch(/stage-9-.*\n.*stage-10-/)
  })
})

interface Played {
  readonly written: () => string
  readonly screen: () => Screen
  readonly progress: ReturnType<typeof openJobProgress>
  nowMs: number
  resize(columns: number): void
}

function play(env: Record<string, string> = {}, isTty = true, columns = 60, rows = 10): Played {
  const pipe = new PassThrough()
  const stream = Object.assign(pipe, {isTTY: isTty, columns, rows}) as unknown as NodeJS.WriteStream
  let text = ''
  pipe.on('data', (chunk: Buffer) => {
    text += chunk.toString()
  })
  const played: Played = {
    nowMs: 1000,
    written: () => text,
    resize: width => void Object.assign(stream, {columns: width}),
    screen: () => {
      const screen = new Screen(columns, rows)
      screen.write(text.replaceAll('\n', '\r\n'))
      return screen
    },
    progress: openJobProgress({stream, env, nowMs: () => played.nowMs}),
  }
  return played
}

describe('on a terminal', () => {
  test('lines are drawn over at most ten times a second, and nothing is cleared first', () => {
    const played = play()
    for (let ms = 0; ms < 1000; ms += 10) {
      played.nowMs = 1000 + ms
      played.progress.update(info([stage('map', ms / 10, 200)]))
    }
    const frames = played.written().split('\u001B[2A').length
    expect(frames).toBeGreaterThan(5)
    expect(frames).toBeLessThanOrEqual(10)
    expect(played.written()).not.toMatch(/\u001B\[(?:2?J|2K)/)
    expect(played.screen().lines.filter(line => line !== '')).toEqual([
      expect.stringMatching(/^words@1 running {2}45 %/),
      expect.stringMatching(/^ {2}map .*90\/200$/),
    ])
  })

  test('notes stay above them, and nothing of them stays at the end', () => {
    const played = play()
    played.progress.update(info([stage('map', 1, 2), stage('reduce', 0, 0)]))
    played.progress.note('warning: n1: lost')
    played.nowMs += 200
    played.progress.update(info([stage('map', 2, 2), stage('reduce', 0, 1)]))
    expect(played.screen().lines.slice(0, 2)).toEqual([
      'warning: n1: lost',
      expect.stringContaining('words@1 running  66 %'),
    ])
    played.progress.close()
    expect(played.screen().lines.filter(line => line !== '')).toEqual(['warning: n1: lost'])
  })

  test('that got narrower no line is wider than it is, and what wrapped meanwhile is left alone', () => {
    const played = play()
    played.progress.update(info([stage('map', 1, 2)], {job: `${'long-'.repeat(10)}@1`}))
    const before = played.written().length
    played.resize(30)
    played.nowMs += 200
    played.progress.update(info([stage('map', 2, 3)], {job: `${'long-'.repeat(10)}@1`}))
    const after = played.written().slice(before)
    expect(after).not.toContain('\u001B[2A')
    for (const line of after.split('\n')) expect(line.replace(/\r|\u001B\[K/g, '').length).toBeLessThan(30)
  })
})

describe.each([
  ['without a terminal', {}, false],
  ['with NO_COLOR', {NO_COLOR: '1'}, true],
  ['on a dumb terminal', {TERM: 'dumb'}, true],
])('%s', (_, env, isTty) => {
  test('there is a line for each stage that moved, one in three seconds, and the last ones at the end', () => {
    const played = play(env, isTty)
    for (let second = 0; second < 6; second++) {
      played.nowMs = 1000 + second * 1000
      played.progress.update(info([stage('map', second, 6), stage('reduce', 0, 0)]))
    }
    played.progress.update(info([stage('map', 6, 6), stage('reduce', 1, 1)], {state: 'done'}))
    played.progress.note('end\u001B[2J')
    played.progress.close()
    expect(played.written()).toBe('map: 0/6\nmap: 3/6\nmap: 6/6\nreduce: 1/1\nend\\u001b[2J\n')
  })
})
