import {beforeEach, expect, onTestFinished, test, vi} from 'vitest'
import {untilIdle} from '../../../../src/cluster/jobs/agent/until-idle.ts'

beforeEach(() => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
})

const never = new Promise<void>(() => undefined)

function wait(running: () => readonly Promise<unknown>[], signal = new AbortController().signal): {isOver: boolean} {
  const waiting = {isOver: false}
  void untilIdle(running, 1000, signal).then(() => {
    waiting.isOver = true
  })
  return waiting
}

test('it is over when nothing runs, what began meanwhile and what failed included', async () => {
  const runs = [Promise.reject(new Error('failed')), Promise.resolve()]
  const waiting = wait(() => runs.splice(0, 1))
  await vi.advanceTimersByTimeAsync(500)
  expect(waiting.isOver).toBe(true)
  expect(vi.getTimerCount()).toBe(0)
})

test('it is over after the limit, and nobody looks any more', async () => {
  const waiting = wait(() => [never])
  await vi.advanceTimersByTimeAsync(999)
  expect(waiting.isOver).toBe(false)
  await vi.advanceTimersByTimeAsync(1)
  expect(waiting.isOver).toBe(true)
  expect(vi.getTimerCount()).toBe(0)
})

test('it is over when it is aborted, or was', async () => {
  const stopping = new AbortController()
  const waiting = wait(() => [never], stopping.signal)
  stopping.abort()
  const late = wait(() => [never], stopping.signal)
  await vi.advanceTimersByTimeAsync(0)
  expect([waiting.isOver, late.isOver]).toEqual([true, true])
})
