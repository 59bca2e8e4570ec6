import assert from 'node:assert/strict'
import {test} from 'vitest'
import {type Random, seededRandom} from '../../../../../src/base/index.ts'
import {readKey} from '../../../../../src/worker/jobs/shuffle/index.ts'
import {KeyTable} from '../../../../../src/worker/jobs/shuffle/key-table.ts'

const pieces = ['', 'a', 'b', '\0', 'é', 'the', 'word', '\ud800', '\u{1f600}', 'a longer piece of text']

function someKey(random: Random): string | number {
  if (random.int(5) === 0) return random.pick([0, 1, -1, 0.5, 1e300, random.int(1000)])
  return (
    Array.from({length: random.int(5)}, () => random.pick(pieces)).join('') + (random.int(2) ? '' : random.int(3000))
  )
}

test('keys get the numbers of their first occurrence, by label, and come back as they were', () => {
  const random = seededRandom(5)
  const table = new KeyTable()
  for (let round = 0; round < 3; round++) {
    const expected = new Map<string, number>()
    const keys: [string | number, number | undefined][] = []
    for (let index = 0; index < 60_000; index++) {
      const key = someKey(random)
      // The first ones have no label: one that comes later must not change what they are.
      const label = index > 5000 && round !== 1 && random.int(3) === 0 ? random.int(3) : undefined
      const name = `${typeof key} ${key} ${label}`
      const known = expected.get(name)
      const number = table.numberOf(key, label)
      assert.equal(number, known ?? expected.size, name)
      if (known !== undefined) continue
      expected.set(name, number)
      keys.push([key, label])
    }
    assert.equal(table.count, expected.size)
    assert.ok(table.count > 8192, 'it has grown')
    for (const [number, [key, label]] of keys.entries()) {
      const {bytes, start, end} = table.placeOf(number)
      assert.deepEqual([readKey(bytes, start, end), table.labelOf(number)], [key, label])
    }
    table.clear()
    assert.equal(table.count, 0)
  }
})

test('texts that differ by zeros behind them are different keys', () => {
  const table = new KeyTable()
  const texts = ['', '\0', '\0\0', 'a', 'a\0', 'abcd', 'abcd\0', 'abcd\0\0\0\0', 'abcd\0\0\0\0\0']
  assert.deepEqual(
    texts.map(text => table.numberOf(text, undefined)),
    texts.map((_, number) => number),
  )
})

test('what is no key leaves the table as it was', () => {
  const table = new KeyTable()
  table.numberOf('a', undefined)
  const {bytes} = table
  assert.throws(() => table.numberOf(Number.NaN, undefined), TypeError)
  assert.deepEqual([table.count, table.bytes, table.numberOf('b', undefined)], [1, bytes, 1])
})
