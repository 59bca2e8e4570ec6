import {beforeEach, expect, onTestFinished, test, vi} from 'vitest'
import {DiskStatus} from '../../../../src/cluster/agent/disk-status.ts'
import type {NodeStatus} from '../../../../src/protocol/index.ts'

beforeEach(() => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
})

const statusWith = (freeBytes: number): NodeStatus => ({
  ...{freeBytes, usedBytes: 0, blobCount: 0, tagCount: 0, reserveBytes: 0},
  ...{isFull: false, corruptCount: 0, transferCount: 0},
})

function open(look: () => Promise<NodeStatus>) {
  const told: unknown[] = []
  const log = vi.fn()
  return {status: new DiskStatus(statusWith(1), {look, tell: notice => void told.push(notice), log}), told, log}
}

test('the master hears what was seen by a new look', async () => {
  const {status, told} = open(async () => statusWith(2))
  expect(status.last.freeBytes).toBe(1)
  await status.tell()
  expect(told).toEqual([{type: 'status', status: statusWith(2)}])
  expect(status.last.freeBytes).toBe(2)
})

test('a disk that cannot be looked at is as it was, and somebody is told why', async () => {
  const {status, told, log} = open(() => Promise.reject(new Error('I/O error')))
  await status.tell()
  expect(told).toEqual([{type: 'status', status: statusWith(1)}])
  expect(log).toHaveBeenCalledWith(expect.objectContaining({level: 'warn', text: 'Error: I/O error'}))
})

test('what happens in one moment is told once; after the end nothing is', async () => {
  const {status, told} = open(async () => statusWith(2))
  for (let times = 0; times < 5; times++) status.tellSoon()
  await vi.runAllTimersAsync()
  expect(told).toHaveLength(1)
  status.close()
  status.tellSoon()
  await vi.runAllTimersAsync()
  expect(told).toHaveLength(1)
  const other = open(async () => statusWith(2))
  other.status.tellSoon()
  other.status.close()
  await vi.runAllTimersAsync()
  expect(other.told).toEqual([])
})
