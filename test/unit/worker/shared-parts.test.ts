import {expect, test} from 'vitest'
import type {ScanPart} from '../../../src/worker/scan-job.ts'
import {
  joinIn,
  leaveBehind,
  type SharedParts,
  shareParts,
  takeNoMore,
  takePart,
} from '../../../src/worker/shared-parts.ts'

const format = {format: 'json'} as ScanPart['format']
const partsOf = (count: number): ScanPart[] =>
  Array.from({length: count}, (_, part) => ({
    ...({kind: 'range', part, format, name: 'a', path: 'a'} as const),
    ...{start: part, end: part + 1},
  }))

/** The numbers of the parts that scanners take, in the order in which they ask; -1: there is none. */
function taken(shared: SharedParts, scanners: readonly number[]): readonly number[] {
  return scanners.map(scanner => takePart(shared, scanner)?.part ?? -1)
}

test('each scanner takes its own stretch in order', () => {
  const shared = shareParts(partsOf(7), 2)
  const {parts} = structuredClone({parts: shared.parts})
  expect(taken(shared, [0, 1, 1, 0])).toEqual([0, 3, 4, 1])
  expect(taken({...shared, parts}, [0, 1, 1])).toEqual([2, 5, 6])
  expect(taken(shared, [0, 1])).toEqual([-1, -1])
})

test('who is through with its own stretch takes the next parts of the one of which most is left', () => {
  const shared = shareParts(partsOf(12), 3)
  expect(taken(shared, [1, 1, 0, 0, 0, 0])).toEqual([4, 5, 0, 1, 2, 3])
  expect(taken(shared, [0, 0, 2, 0, 0, 1, 0, 2])).toEqual([8, 9, 10, 6, 7, 11, -1, -1])
})

test.each([
  [0, 2],
  [1, 3],
  [3, 5],
  [100, 7],
])('each of %i parts is taken once, by one scanner or by %i', (count, scannerCount) => {
  const all = partsOf(count).map(({part}) => part)
  const alone = shareParts(partsOf(count), scannerCount)
  const together = shareParts(partsOf(count), scannerCount)
  const turns = Array.from({length: count + 2 * scannerCount}, (_, turn) => turn % scannerCount)
  const numeric = (a: number, b: number): number => a - b
  for (const found of [
    taken(
      alone,
      turns.map(() => scannerCount - 1),
    ),
    taken(together, turns),
  ])
    expect(found.filter(part => part >= 0).sort(numeric)).toEqual(all)
})

test('a scanner that was left behind cannot join in, one that joined cannot be left behind', () => {
  const shared = shareParts(partsOf(3), 2)
  expect(joinIn(shared, 0)).toBe(true)
  expect(leaveBehind(shared, 0)).toBe(false)
  expect(leaveBehind(shared, 1)).toBe(true)
  expect(joinIn(shared, 1)).toBe(false)
})

test('after takeNoMore nothing is left to take', () => {
  const shared = shareParts(partsOf(3), 2)
  expect(takePart(shared, 1)?.part).toBe(1)
  takeNoMore(shared)
  expect(taken(shared, [0, 1])).toEqual([-1, -1])
})
