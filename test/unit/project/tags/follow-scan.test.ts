import {expect, test} from 'vitest'
import {snapshotOf} from '../../../../src/project/tags/follow-scan.ts'
import {jobNameOf} from '../../../../src/project/tags/rule-job-plan.ts'
import type {JobInfo} from '../../../../src/protocol/index.ts'

test('a job is a snapshot of a scan', () => {
  const info = {
    stages: [{name: 'scan', bytes: 70, records: 9, runningCount: 2, doneCount: 1}],
    counters: {bad: 3, scannedBytes: 500},
  } as unknown as JobInfo
  const input = {name: 'a', addresses: ['blob://x']}
  expect(
    snapshotOf(info, [
      {...input, bytes: 60},
      {...input, bytes: 40},
    ]),
  ).toMatchObject({
    sourceBytes: 70,
    sourceBytesTotal: 100,
    bytes: 500,
    records: 9,
    bad: 3,
    tasks: {done: 1, count: 2},
  })
  expect(snapshotOf(info, [input]).sourceBytesTotal).toBeNull()
})

test('a job is called as its rule, as far as it may be', () => {
  expect(jobNameOf('clicks.by_day')).toBe('clicks.by_day')
  expect(jobNameOf('é b/c')).toBe('__b_c')
  expect(jobNameOf('.x')).toBe('_x')
})
