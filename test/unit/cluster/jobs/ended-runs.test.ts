import {expect, onTestFinished, test, vi} from 'vitest'
import {EndedRuns, type EndedRunsPorts} from '../../../../src/cluster/jobs/agent/ended-runs.ts'
import type {RunRecord} from '../../../../src/cluster/jobs/agent/run-files.ts'
import {RunReporter} from '../../../../src/cluster/jobs/agent/run-reporter.ts'
import type {Output} from '../../../../src/pipeline/index.ts'
import type {TaskNotice} from '../../../../src/protocol/index.ts'

const job = 'words@1'
const progress = {records: 1, bytes: 2, cpuMs: 3}
const outcome = {state: 'done', outputs: [], progress, oob: []} as const
const record = (run: number): RunRecord => ({...outcome, job, task: run, run, stageIndex: 0, isLastStage: true})

function gathering(more: Partial<EndedRunsPorts> = {}): {ends: EndedRuns; log: string[]} {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const log: string[] = []
  const ends = new EndedRuns({
    write: records => log.push(`write ${records.map(({run}) => run)}`),
    tell: async told => void log.push(`tell ${told.map(({name}) => name.run)}`),
    isHurried: () => false,
    onBroken: (broken, error) => log.push(`broken ${broken.map(({name}) => name.run)} ${String(error)}`),
    ...more,
  })
  return {ends, log}
}

test('ends that come while others wait for their turn are written and told together, the record first', () => {
  const {ends, log} = gathering()
  for (const run of [1, 2, 3]) ends.add(record(run), outcome)
  expect(log).toEqual([])
  vi.advanceTimersByTime(10)
  expect(log).toEqual(['write 1,2,3', 'tell 1,2,3'])
})

test('an end that a slot waits for is told at once', () => {
  const {ends, log} = gathering({isHurried: () => true})
  ends.add(record(1), outcome)
  expect(log).toEqual(['write 1', 'tell 1'])
})

test('an end that cannot be recorded is not told as one', () => {
  const {ends, log} = gathering({
    write: () => {
      throw new Error('no space')
    },
  })
  ends.add(record(1), outcome)
  ends.close()
  expect(log).toEqual(['broken 1 Error: no space'])
})

test('small ends share a notice, behind the messages of their runs; large ones have their own', async () => {
  const sent: TaskNotice[] = []
  const reporter = new RunReporter(async notice => {
    sent.push(notice)
  })
  const name = (run: number) => ({job, task: run, run})
  const outputs = Array.from(
    {length: 9},
    (_, label): Output => ({label, place: {type: 'blob', blob: 'b'}, bytes: 1, records: 1}),
  )
  reporter.message(name(2), 'hello')
  await reporter.endAll([
    {name: name(1), outcome},
    {name: name(2), outcome},
    {name: name(3), outcome: {...outcome, outputs}},
    {name: name(4), outcome: {...outcome, counters: {lines: 1}}},
  ])
  reporter.close()
  expect(sent.map(notice => notice.type)).toEqual(['run-messages', 'run-ended', 'run-ended', 'runs-ended'])
  expect(sent[3]).toMatchObject({ends: [{run: 1, end: {state: 'done', at: 0, progress}}, {run: 2}]})
})
