import {tmpdir} from 'node:os'
import {expect, onTestFinished, test, vi} from 'vitest'
import {MachineRoom} from '../../../../src/cluster/jobs/agent/machine-room.ts'
import {statusEveryMs} from '../../../../src/cluster/jobs/limits.ts'
import type {TaskNotice} from '../../../../src/protocol/index.ts'

type Status = TaskNotice & {readonly type: 'jobs-status'}

function open(folder = tmpdir(), isLinked = true) {
  const told: Status[] = []
  const log = vi.fn()
  const send = async (notice: TaskNotice): Promise<void> => {
    if (!isLinked) throw new Error('no link')
    told.push(notice as Status)
  }
  const room = new MachineRoom({folder, send, log})
  onTestFinished(() => room.close())
  return {room, told, log}
}

test('the master hears of disk and memory; of a node that drains, that there is no memory for more', async () => {
  const {room, told} = open()
  await room.tell()
  await room.drain()
  await room.tell()
  expect(told[0]).toMatchObject({type: 'jobs-status', freeBytes: expect.any(Number)})
  expect(told[0]!.totalBytes).toBeGreaterThanOrEqual(told[0]!.freeBytes)
  expect(told[0]!.freeMemoryBytes).toBeGreaterThan(0)
  expect(told.slice(1).map(({freeMemoryBytes}) => freeMemoryBytes)).toEqual([0, 0])
})

test('a disk is not full before anybody has looked, nor when it cannot be looked at', async () => {
  const {room, told, log} = open('/no/such/folder')
  expect(room.isDiskFull).toBe(false)
  await room.tell()
  expect(room.isDiskFull).toBe(false)
  expect(told).toEqual([])
  expect(log).toHaveBeenCalledOnce()
})

test('without a link it is told later', async () => {
  vi.useFakeTimers({toFake: ['setInterval', 'clearInterval']})
  onTestFinished(() => void vi.useRealTimers())
  const {room, log} = open(tmpdir(), false)
  vi.advanceTimersByTime(2 * statusEveryMs)
  await vi.waitFor(() => expect(log).toHaveBeenCalledTimes(2))
  room.close()
  vi.advanceTimersByTime(2 * statusEveryMs)
  expect(log).toHaveBeenCalledTimes(2)
})
