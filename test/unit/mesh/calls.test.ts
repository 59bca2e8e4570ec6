import {beforeEach, expect, onTestFinished, test, vi} from 'vitest'
import {Calls} from '../../../src/mesh/calls.ts'
import {nodeUnreachable} from '../../../src/mesh/errors.ts'
import type {MeshReply, MeshRequest} from '../../../src/protocol/index.ts'

const asked: MeshRequest = {type: 'read-head', epoch: 1, tag: 't'}
const deadlineMs = 1000

beforeEach(() => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
})

function ask(calls: Calls, signal?: AbortSignal): {reply: Promise<MeshReply | boolean>; call: number; ends: number[]} {
  const call = calls.nextNumber()
  const ends: number[] = []
  const reply = calls.wait(call, asked, {deadlineMs, signal, release: () => ends.push(call)})
  reply.catch(() => undefined)
  return {reply, call, ends}
}

test('each answer finds its call, whatever the order', async () => {
  const calls = new Calls('n1')
  const [first, second] = [ask(calls), ask(calls)]
  calls.settle(second.call, {type: 'head'})
  calls.settle(first.call, {type: 'failed', code: 'NOT_FOUND', message: 'none'})
  expect(await second.reply).toEqual({type: 'head'})
  expect(await first.reply).toMatchObject({type: 'failed', code: 'NOT_FOUND'})
  expect(calls.count).toBe(0)
})

test('a call gives its place free once, however it ends and whatever comes later', async () => {
  const calls = new Calls('n1')
  const {reply, call, ends} = ask(calls)
  vi.advanceTimersByTime(deadlineMs)
  await expect(reply).rejects.toMatchObject({code: 'TIMED_OUT', message: expect.stringContaining('read-head')})
  expect(calls.settle(call, {type: 'head'})).toBe(true)
  calls.end(nodeUnreachable('n1', 'gone'))
  expect(ends).toEqual([call])
})

test('who is not interested any more is not answered', async () => {
  const calls = new Calls('n1')
  const leaving = new AbortController()
  const {reply, ends} = ask(calls, leaving.signal)
  leaving.abort(new Error('not needed'))
  await expect(reply).rejects.toThrow('not needed')
  expect(ends).toHaveLength(1)
  expect(calls.count).toBe(0)
})

test('an answer that does not fit its request is an error of the caller, and is told', async () => {
  const calls = new Calls('n1')
  const {reply, call} = ask(calls)
  expect(calls.settle(call, {type: 'stored'})).toBe(false)
  await expect(reply).rejects.toMatchObject({code: 'PROTOCOL', retryable: false})
})

test('a pong answers a ping, not a request or a search with its number', async () => {
  const calls = new Calls('n1')
  const {reply, call} = ask(calls)
  const probe = calls.nextNumber()
  const found = calls.wait(probe, {type: 'probe'}, {deadlineMs, signal: undefined, release: () => undefined})
  calls.settleSmall('ping', call, true)
  calls.settleSmall('ping', probe, true)
  calls.settle(probe, {type: 'head'})
  expect(calls.count).toBe(2)
  calls.settleSmall('probe', probe, false)
  expect(await found).toBe(false)
  calls.end(nodeUnreachable('n1', 'gone'))
  await expect(reply).rejects.toMatchObject({code: 'UNAVAILABLE'})
})
