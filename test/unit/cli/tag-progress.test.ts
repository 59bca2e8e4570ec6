import {PassThrough} from 'node:stream'
import {expect, test} from 'vitest'
import {openTagProgress, type TagProgress} from '../../../src/cli/tag-progress.ts'
import type {JobInfo} from '../../../src/protocol/index.ts'

function open(quiet = false): {progress: TagProgress; text: () => string} {
  const stream = new PassThrough()
  const chunks: Buffer[] = []
  stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  const progress = openTagProgress(stream as unknown as NodeJS.WriteStream, {}, quiet)
  return {progress, text: () => Buffer.concat(chunks).toString()}
}

const job = (doneCount: number, state: JobInfo['state'] = 'running', name = 'outer@1'): JobInfo =>
  ({
    job: name,
    state,
    stages: [
      {name: 'scan', taskCount: 3, doneCount},
      {name: 'merge', taskCount: 0},
    ],
  }) as unknown as JobInfo

const snapshot = {elapsedMs: 60_000, bytesDone: 1, bytesTotal: 2, records: 3, bad: 0, threads: []}

test('a run over tags says how far the stages of its job are, and nothing else of the scan', async () => {
  const {progress, text} = open()
  progress.job(job(1), true)
  progress.update({...snapshot, phase: 'scan'})
  progress.note('a blob is missing')
  progress.job(job(3, 'done'), true)
  await progress.close()
  expect(text()).toBe('scan: 1/3\na blob is missing\nscan: 3/3\n')
})

test('a run without a job on the cluster is shown as one over files', async () => {
  const {progress, text} = open()
  progress.update({...snapshot, phase: 'scan'})
  await progress.close()
  expect(text()).toContain('3 records')
})

test('a quiet run says nothing', async () => {
  const {progress, text} = open(true)
  progress.job(job(1), true)
  progress.note('note')
  await progress.close()
  expect(text()).toBe('')
})

test('of the jobs of rules among the sources one is shown until it ends, then another, then that of the rule', async () => {
  const {progress, text} = open()
  progress.job(job(1, 'running', 'one@1'), false)
  progress.job(job(2, 'running', 'two@1'), false)
  progress.job(job(3, 'done', 'one@1'), false)
  progress.job(job(0, 'running', 'two@1'), false)
  progress.job(job(2, 'running'), true)
  await progress.close()
  expect(text()).toBe('scan: 1/3\nscan: 3/3\nscan: 0/3\nscan: 2/3\n')
})
