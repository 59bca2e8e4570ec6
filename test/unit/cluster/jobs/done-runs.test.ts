import {expect, test, vi} from 'vitest'
import {DoneRuns, type DoneRunsPorts} from '../../../../src/cluster/jobs/agent/done-runs.ts'
import type {RunRecord} from '../../../../src/cluster/jobs/agent/run-files.ts'
import {outcomeOf, recordOf} from '../../../../src/cluster/jobs/agent/run-record.ts'
import type {StartOrder} from '../../../../src/cluster/jobs/agent/task-order.ts'

const outcome = {state: 'done', outputs: [], progress: {records: 1, bytes: 2, cpuMs: 3}, oob: []} as const
const record = (run: number, job = 'words@1'): RunRecord => ({
  ...{...outcome, job, task: run, run, stageIndex: 0, isLastStage: true},
})

function open({isFull = false, recovered = [] as RunRecord[]} = {}) {
  const log: string[] = []
  const ports: DoneRunsPorts = {
    node: 'n1',
    files: {
      write: records => {
        if (isFull && records.length > 0) throw new Error('no space')
        for (const {run, state} of records) log.push(`${state} ${run}`)
      },
    },
    reporter: {
      end: async ({run}, end) => void log.push(`tell ${end.state} ${run}`),
      endAll: async ends => void log.push(`tell ${ends.map(({name}) => name.run)}`),
    },
    isHurried: () => true,
    remove: async ({run}) => void log.push(`remove ${run}`),
    log: () => undefined,
  }
  return {done: new DoneRuns(ports, recovered), log}
}

test('a run is recorded, told, and reported until the master counts it', () => {
  const {done, log} = open()
  done.add(record(1), outcome)
  done.add(record(2), outcome)
  expect(log).toEqual(['done 1', 'tell 1', 'done 2', 'tell 2'])
  expect(done.records().map(({run}) => run)).toEqual([1, 2])
  done.accept([1, 9])
  expect(log.at(-1)).toBe('accepted 1')
  expect([done.has(1), done.has(2)]).toEqual([false, true])
})

test('what the process before has recorded is reported; what was accepted is not', () => {
  const {done} = open({recovered: [record(1), {...record(2), state: 'accepted'}]})
  expect(done.records().map(({run}) => run)).toEqual([1])
})

test('a run whose end cannot be recorded has failed, and what it made is removed', async () => {
  const {done, log} = open({isFull: true})
  done.add(record(1), outcome)
  await vi.waitFor(() => expect(log).toEqual(['tell failed 1', 'remove 1']))
  expect(done.has(1)).toBe(false)
})

test('runs of a job that is purged are forgotten, those of others are not', () => {
  const {done} = open({recovered: [record(1), record(2, 'other@1'), record(3)]})
  done.drop(3)
  done.dropJob('words@1')
  expect(done.records().map(({run}) => run)).toEqual([2])
})

test('a record gives back what the run told at its end', () => {
  const order = {type: 'start-run', job: 'words@1', task: 4, run: 5, stageIndex: 1, isLastStage: false} as StartOrder
  const counted = {...outcome, counters: {words: 7}}
  expect(outcomeOf(recordOf(order, counted))).toEqual(counted)
  expect(recordOf(order, outcome)).toEqual({...record(5), task: 4, stageIndex: 1, isLastStage: false})
})
