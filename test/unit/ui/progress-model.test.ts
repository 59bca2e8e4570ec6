import {expect, test} from 'vitest'
import {progressAfter, progressLine} from '../../../src/ui/index.ts'
import {modelAfter, snapshotOf} from './snapshots.ts'

test('a constant speed is shown as it is, with the time left', () => {
  const model = modelAfter(2000, 100_000)
  expect(model.bytesPerSecond).toBeCloseTo(100e6)
  expect(model.fraction).toBeCloseTo(0.2)
  expect(model.etaMs).toBeCloseTo(8000)
})

test('the smoothed speed does not depend on how often one looks', () => {
  const fastThenSlow = (everyMs: number): number => {
    let model = modelAfter(3000, 100_000, everyMs)
    for (let at = 3000 + everyMs; at <= 6000; at += everyMs) {
      model = progressAfter(model, snapshotOf({elapsedMs: at, bytesDone: 300e6 + (at - 3000) * 10_000}))
    }
    return model.bytesPerSecond!
  }
  expect(fastThenSlow(50)).toBeCloseTo(fastThenSlow(1000), 3)
  expect(fastThenSlow(100)).toBeGreaterThan(10e6)
  expect(fastThenSlow(100)).toBeLessThan(50e6)
})

test('no speed is said in the first second, and then that of all of it, not of the last step', () => {
  const early = progressAfter(undefined, snapshotOf({elapsedMs: 400, bytesDone: 0, bytesTotal: null}))
  const burst = progressAfter(early, snapshotOf({elapsedMs: 401, bytesDone: 10e6, bytesTotal: null}))
  expect(burst.bytesPerSecond).toBeNull()
  const late = progressAfter(burst, snapshotOf({elapsedMs: 1999, bytesDone: 10e6, bytesTotal: null}))
  const next = progressAfter(late, snapshotOf({elapsedMs: 2000, bytesDone: 20e6, bytesTotal: null}))
  expect(late.bytesPerSecond).toBeCloseTo(5e6, -5)
  expect(next.bytesPerSecond).toBeLessThan(10e6)
})

test('nothing is said about the time left too early, or when the total is unknown', () => {
  expect(modelAfter(900, 100_000).etaMs).toBeNull()
  const unknown = progressAfter(undefined, snapshotOf({elapsedMs: 5000, bytesDone: 5e8, bytesTotal: null}))
  expect(unknown).toMatchObject({etaMs: null, fraction: null, bytesPerSecond: 1e8})
})

test('later phases keep the speed of reading and have no time left', () => {
  const reading = modelAfter(2000, 100_000)
  const merging = progressAfter(reading, snapshotOf({phase: 'merge', elapsedMs: 9000, bytesDone: 2e8}))
  expect(merging.bytesPerSecond).toBe(reading.bytesPerSecond)
  expect(merging.etaMs).toBeNull()
})

test('two snapshots at one time, or fewer bytes than before, do no harm', () => {
  const model = modelAfter(2000, 100_000)
  expect(progressAfter(model, snapshotOf({elapsedMs: 2000, bytesDone: 3e8})).bytesPerSecond).toBe(model.bytesPerSecond)
  expect(progressAfter(model, snapshotOf({elapsedMs: 2100, bytesDone: 0})).bytesPerSecond).toBe(model.bytesPerSecond)
})

test('threads are measured by their share, or by the busiest', () => {
  const threads = [
    {bytesDone: 300e6, state: 'busy'},
    {bytesDone: 600e6, state: 'busy'},
    {bytesDone: 10e6, state: 'done'},
    {bytesDone: 0, state: 'idle'},
  ] as const
  const fractions = (bytesTotal: number | null): number[] =>
    progressAfter(undefined, snapshotOf({bytesTotal, threads})).threads.map(thread => thread.fraction)
  expect(fractions(2e9)).toEqual([0.6, 1, 1, 0])
  expect(fractions(null)).toEqual([0.5, 1, 1, 0])
})

test('an empty input is complete', () => {
  expect(progressAfter(undefined, snapshotOf({bytesTotal: 0})).fraction).toBe(1)
})

test('a plain line holds what is known', () => {
  const model = modelAfter(2000, 100_000)
  expect(progressLine({...model, records: 5_123_456, bad: 10})).toBe(
    'reading  20 % · 200 MB of 1.0 GB · 5,123,456 records · 100 MB/s · 8.0 s left · 10 bad',
  )
  expect(progressLine(progressAfter(undefined, snapshotOf({bytesTotal: null, records: 1})))).toBe(
    'reading · 0 B · 1 record',
  )
  expect(progressLine({...model, phase: 'merge', etaMs: null})).toBe(
    'merging · 200 MB of 1.0 GB · 2,000 records · 100 MB/s',
  )
})
