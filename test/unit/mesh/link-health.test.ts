import {expect, test} from 'vitest'
import {missedHeartbeatsMax} from '../../../src/mesh/limits.ts'
import {LinkHealth} from '../../../src/mesh/link-health.ts'

const beatMs = 100
const limitMs = missedHeartbeatsMax * beatMs

/** Beats in time from one moment to another. @returns what the last one said */
function beatUntil(health: LinkHealth, fromMs: number, toMs: number, queuedBytes = 0): string {
  let state = 'none'
  for (let atMs = fromMs + beatMs; atMs <= toMs; atMs += beatMs) state = health.beat(atMs, queuedBytes, false)
  return state
}

test('a link is silent when nothing was heard for three heartbeats, not before', () => {
  const health = new LinkHealth(beatMs, 0)
  expect(beatUntil(health, 0, limitMs - beatMs)).toBe('alive')
  expect(beatUntil(health, limitMs - beatMs, limitMs)).toBe('silent')
})

test('what is heard gives it as long again', () => {
  const health = new LinkHealth(beatMs, 0)
  beatUntil(health, 0, 200)
  health.noteReceived(250)
  expect(beatUntil(health, 200, 500)).toBe('alive')
  expect(beatUntil(health, 500, 600)).toBe('silent')
})

test('a side that reads nothing of what waits for it is told from one that says nothing', () => {
  const health = new LinkHealth(beatMs, 0)
  for (let atMs = beatMs; atMs < limitMs; atMs += beatMs) {
    health.noteReceived(atMs)
    expect(health.beat(atMs, 1, false)).toBe('alive')
  }
  health.noteReceived(limitMs)
  expect(health.beat(limitMs, 1, false)).toBe('unread')
})

test('bytes that have left, or that nothing waits, count as read', () => {
  const drained = new LinkHealth(beatMs, 0)
  drained.noteReceived(1000)
  drained.noteDrained(250)
  expect(beatUntil(drained, 0, 500, 1)).toBe('alive')
  const empty = new LinkHealth(beatMs, 0)
  empty.noteReceived(1000)
  beatUntil(empty, 0, 400)
  expect(beatUntil(empty, 400, 600, 1)).toBe('alive')
})

test('a process that was stopped itself reads for a heartbeat more before it judges', () => {
  const health = new LinkHealth(beatMs, 0)
  expect(health.beat(10_000, 1, false)).toBe('alive')
  expect(health.beat(10_000 + beatMs, 1, false)).toBe('alive')
  expect(health.beat(10_000 + 2 * beatMs, 1, false)).toBe('unread')
})

test('a link is idle when nobody asked for anything for its time, and nobody waits for an answer', () => {
  const health = new LinkHealth(beatMs, 0, 1000)
  const beat = (nowMs: number, isAwaited: boolean): string => {
    health.noteReceived(nowMs)
    return health.beat(nowMs, 0, isAwaited)
  }
  expect(beat(999, false)).toBe('alive')
  expect(beat(1000, true)).toBe('alive')
  expect(beat(1000, false)).toBe('idle')
  health.noteUsed(1000)
  expect(beat(1100, false)).toBe('alive')
})

test('another heartbeat changes the limit, and the time until then is nobody’s sleep', () => {
  const health = new LinkHealth(beatMs, 0)
  health.setHeartbeat(1000, 0)
  expect(health.limitMs).toBe(missedHeartbeatsMax * 1000)
  expect(health.beat(1000, 0, false)).toBe('alive')
  health.setHeartbeat(10, 1900)
  expect(health.beat(1910, 0, false)).toBe('silent')
})
