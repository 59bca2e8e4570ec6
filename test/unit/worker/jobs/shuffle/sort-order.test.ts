import assert from 'node:assert/strict'
import {describe, test} from 'vitest'
import {seededRandom} from '../../../../../src/base/index.ts'
import {sortOrder} from '../../../../../src/worker/jobs/shuffle/sort-order.ts'

function check(keys: readonly Buffer[], labels: readonly number[] = keys.map(() => 0)): void {
  const keyStarts = new Uint32Array(keys.length)
  const keyEnds = new Uint32Array(keys.length)
  let at = 0
  keys.forEach((key, index) => {
    keyStarts[index] = at
    at += key.length
    keyEnds[index] = at
  })
  const columns = {bytes: Buffer.concat(keys), keyStarts, keyEnds, labels: Uint32Array.from(labels), count: keys.length}
  const arrival = keys.map((_, index) => index)
  const byLabel = (a: number, b: number): number => labels[a]! - labels[b]! || a - b
  const byKey = (a: number, b: number): number => labels[a]! - labels[b]! || Buffer.compare(keys[a]!, keys[b]!) || a - b
  assert.deepEqual([...sortOrder(columns, true)], arrival.toSorted(byKey))
  assert.deepEqual([...sortOrder(columns, false)], arrival.toSorted(byLabel))
}

describe('the order of records', () => {
  test.each([3, 40, 2900, 12_000])('is that of their keys, label by label, for %i of them', count => {
    const random = seededRandom(count)
    for (const [lengthMax, alphabet] of [
      [3, 3],
      [20, 2],
      [12, 256],
      [60, 1],
    ] as const) {
      const keys = Array.from({length: count}, () =>
        Buffer.from(Array.from({length: random.int(lengthMax + 1)}, () => random.int(alphabet))),
      )
      check(keys)
      check(
        keys,
        keys.map(() => random.int(3)),
      )
    }
  })

  test('is right where keys share long beginnings and differ at their ends', () => {
    const random = seededRandom(9)
    const starts = ['https://example.org/a/long/path/', 'https://example.org/a/long/pat', 'https://example.com/'].map(
      text => Buffer.from(text.repeat(3)),
    )
    check(
      Array.from({length: 9000}, () =>
        Buffer.concat([random.pick(starts), Buffer.alloc(random.int(4)), Buffer.from(String(random.int(5000)))]),
      ),
    )
  })

  test('is right for keys that are each the beginning of the next', () => {
    check(Array.from({length: 4000}, (_, length) => Buffer.alloc((length * 7) % 1000, 1)))
  })

  test('is right for labels too large to be counted', () => {
    check(
      Array.from({length: 50}, (_, index) => Buffer.of(index % 5)),
      Array.from({length: 50}, (_, index) => [4_000_000_000, 7, 1 << 21][index % 3]!),
    )
  })
})
