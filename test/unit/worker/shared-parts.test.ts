import {expect, test} from 'vitest'
import type {ScanPart} from '../../../src/worker/scan-job.ts'
import {joinIn, leaveBehind, shareParts, takeNoMore, takePart} from '../../../src/worker/shared-parts.ts'

const format = {format: 'json'} as ScanPart['format']
const parts = [0, 1, 2].map(
  part => ({kind: 'range', part, format, name: 'a', path: 'a', start: part, end: part + 1}) as const,
)

test('each part is taken once, in order, whoever takes it', () => {
  const shared = shareParts(parts, 2)
  const copy = structuredClone({parts: shared.parts})
  const other = {...shared, ...copy}
  expect(
    [takePart(shared), takePart(other), takePart(shared), takePart(other), takePart(shared)].map(p => p?.part),
  ).toEqual([0, 1, 2, undefined, undefined])
})

test('a scanner that was left behind cannot join in, one that joined cannot be left behind', () => {
  const shared = shareParts(parts, 2)
  expect(joinIn(shared, 0)).toBe(true)
  expect(leaveBehind(shared, 0)).toBe(false)
  expect(leaveBehind(shared, 1)).toBe(true)
  expect(joinIn(shared, 1)).toBe(false)
})

test('after takeNoMore nothing is left to take', () => {
  const shared = shareParts(parts, 1)
  expect(takePart(shared)?.part).toBe(0)
  takeNoMore(shared)
  expect(takePart(shared)).toBeUndefined()
})
