import assert from 'node:assert/strict'
import {mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, describe, test} from 'vitest'
import {type Random, seededRandom} from '../../../../../src/base/index.ts'
import {
  ByteWriter,
  Groups,
  InputLostError,
  openMerge,
  readKey,
  readSections,
  readValue,
  SectionCursor,
  type SectionSource,
  ShuffleWriter,
  writeKey,
  writeValue,
} from '../../../../../src/worker/jobs/shuffle/index.ts'

const folder = mkdtempSync(join(tmpdir(), 'shuffle-'))
afterAll(() => rmSync(folder, {recursive: true}))

const keyBytes = (key: unknown): Buffer => {
  const out = new ByteWriter(8)
  writeKey(out, key)
  return Buffer.from(out.bytes.subarray(0, out.at))
}

const codePoint = (character: string): number => character.codePointAt(0)!

/** The order of keys, said again in another way. */
function compareKeys(a: unknown, b: unknown): number {
  const rank = (key: unknown): number => {
    if (key === null) return 0
    if (typeof key === 'boolean') return key ? 2 : 1
    if (typeof key === 'number' || typeof key === 'bigint') return 3
    if (typeof key === 'string') return 4
    if (key instanceof Uint8Array) return 5
    return Array.isArray(key) ? 6 : 7
  }
  const byRank = rank(a) - rank(b)
  if (byRank !== 0) return byRank
  if (typeof a === 'string') return compareKeys([...a].map(codePoint), [...(b as string)].map(codePoint))
  if (typeof a === 'number' || typeof a === 'bigint') return a < (b as number) ? -1 : a > (b as number) ? 1 : 0
  if (a instanceof Uint8Array) return Buffer.compare(a, b as Uint8Array)
  if (Array.isArray(a)) {
    const other = b as unknown[]
    for (let index = 0; index < Math.min(a.length, other.length); index++) {
      const difference = compareKeys(a[index], other[index])
      if (difference !== 0) return difference
    }
    return a.length - other.length
  }
  return 0
}

const words = [
  '',
  'a',
  'a\0',
  'a\0\0',
  'ab',
  'abcd',
  'abcde',
  'abcd\0',
  'é',
  'z\u{1f600}',
  '\ud800',
  '\uffff',
  'line '.repeat(20),
]
const numbers = [
  0,
  -0,
  1,
  -1,
  0.5,
  1e300,
  -1e300,
  5e-324,
  2 ** 53,
  2n ** 53n + 1n,
  -(2n ** 70n) - 1n,
  2n ** 70n,
  2n ** 70n + 300n,
]

function someKey(random: Random, depth = 0): unknown {
  switch (random.int(depth < 2 ? 9 : 7)) {
    case 0:
      return random.pick([null, false, true])
    case 1:
      return random.pick(numbers)
    case 2:
      return random.int(20)
    case 3:
    case 4:
      return random.pick(words)
    case 5:
      return `k${random.int(50)}`
    case 6:
      return Uint8Array.from({length: random.int(4)}, () => random.int(3))
    default:
      return Array.from({length: random.int(4)}, () => someKey(random, depth + 1))
  }
}

describe('keys', () => {
  test('bytes order as keys do, and come back as the same key', () => {
    const random = seededRandom(1)
    for (let index = 0; index < 20_000; index++) {
      const [a, b] = [someKey(random), someKey(random)]
      const [x, y] = [keyBytes(a), keyBytes(b)]
      assert.equal(Math.sign(Buffer.compare(x, y)), Math.sign(compareKeys(a, b)), `${String(a)} and ${String(b)}`)
      assert.equal(compareKeys(readKey(x, 0, x.length), a), 0)
    }
  })

  test('equal numbers are one key, whatever their type', () => {
    assert.deepEqual(keyBytes(5n), keyBytes(5))
    assert.deepEqual(keyBytes(-0), keyBytes(0))
    assert.equal(readKey(keyBytes(2n ** 53n + 1n), 0, 99), 2n ** 53n + 1n)
  })

  test('objects are ordered by their names, and the order of names does not matter', () => {
    assert.deepEqual(keyBytes({b: 1, a: [null]}), keyBytes({a: [null], b: 1}))
    const key = JSON.parse('{"__proto__":{"x":1},"a\\u0000":"\\u0000"}') as unknown
    const bytes = keyBytes(key)
    assert.equal(JSON.stringify(readKey(bytes, 0, bytes.length)), JSON.stringify(key))
  })

  test.each([[undefined], [Number.NaN], [Number.POSITIVE_INFINITY], [() => 1], [[undefined]]])('%s is no key', key => {
    assert.throws(() => keyBytes(key), TypeError)
  })
})

test('values come back as they were', () => {
  const values = [
    null,
    true,
    false,
    0,
    127,
    128,
    -5,
    -0,
    0.1,
    1e300,
    2n ** 80n,
    '',
    'text',
    '\udc00x',
    'x'.repeat(500),
    Buffer.from([0, 255]),
    [1, ['a', null]],
    {a: {b: [{}]}, é: 'y'.repeat(200)},
  ]
  for (const value of values) {
    const out = new ByteWriter(4)
    out.raw(Buffer.from('before'))
    writeValue(out, value)
    const end = out.at
    out.raw(Buffer.from('after'))
    const back = readValue(out.bytes, 6, end)
    if (value instanceof Uint8Array) assert.deepEqual(Buffer.from(back as Uint8Array), Buffer.from(value))
    else assert.deepEqual(back, value)
  }
})

interface Emitted {
  readonly label: number
  readonly key: unknown
  readonly value: unknown
}

let fileNumber = 0
function writeAll(pairs: readonly Emitted[], isSorted: boolean, budgetBytes: number, isPacked = true): string {
  const path = join(folder, `file-${fileNumber++}`)
  const writer = new ShuffleWriter({path, isSorted, budgetBytes, isPacked})
  for (const {label, key, value} of pairs) writer.add(key, value, label)
  writer.finish()
  return path
}

const sourcesOf = (path: string, label: number): SectionSource[] =>
  readSections(path)
    .filter(section => section.label === label)
    .map(({offset, bytes}) => ({type: 'file', name: path, path, offset, bytes}))

function readAll(path: string): Emitted[] {
  return readSections(path).flatMap(({label, records}) => {
    const cursor = new SectionCursor(sourcesOf(path, label)[0]!, 0)
    const found: Emitted[] = []
    while (cursor.advance()) {
      const {bytes, keyStart, keyEnd, valueEnd} = cursor
      found.push({label, key: readKey(bytes, keyStart, keyEnd), value: readValue(bytes, keyEnd, valueEnd)})
    }
    assert.equal(found.length, records)
    return found
  })
}

const normal = (pairs: readonly Emitted[]): string[] =>
  pairs.map(({label, key, value}) => `${label} ${keyBytes(key).toString('hex')} ${String(value)}`)

describe('files', () => {
  // Fifty a test, each with its own time limit: they write files, and a busy disk takes its time for three hundred.
  test.each([1, 51, 101, 151, 201, 251])(
    'hold every pair by label, key and emission, whatever the buffer (seeds from %i)',
    first => {
      for (let seed = first; seed < first + 50; seed++) {
        const random = seededRandom(seed)
        const isSorted = random.int(4) > 0
        const labels = 1 + random.int(random.int(2) === 0 ? 1 : 6)
        const count = random.int(random.pick([5, 60, 600]))
        const pairs = Array.from({length: count}, (_, value) => ({
          label: random.int(labels),
          key: someKey(random),
          value: `${value}${'v'.repeat(random.int(40))}`,
        }))
        const path = writeAll(pairs, isSorted, random.pick([200, 1000, 5000, 1_000_000]))
        const expected = pairs
          .map((pair, index) => ({...pair, index}))
          .sort((a, b) => a.label - b.label || (isSorted ? compareKeys(a.key, b.key) : 0) || a.index - b.index)
        assert.deepEqual(normal(readAll(path)), normal(expected), `seed ${seed}`)
      }
      assert.deepEqual(
        readdirSync(folder).filter(name => name.includes('.part')),
        [],
      )
    },
  )

  test('of many records are the same bytes however small the buffer was', () => {
    const random = seededRandom(7)
    const pairs = Array.from({length: 30_000}, () => ({
      label: random.int(3),
      key: `${random.int(5000)}`,
      value: random.int(1000),
    }))
    const contents = [3000, 100_000, 1e9].map(budget => readFileSync(writeAll(pairs, true, budget)))
    assert.ok(contents[0]!.equals(contents[1]!) && contents[1]!.equals(contents[2]!))
  })

  test('are compressed when that is asked for, and hold the same', () => {
    const pairs = Array.from({length: 20_000}, (_, index) => ({label: 0, key: `word ${index % 97}`, value: index}))
    const packed = writeAll(pairs, true, 1 << 20)
    const plain = writeAll(pairs, true, 1 << 20, false)
    assert.ok(statSync(packed).size * 2 < statSync(plain).size)
    assert.deepEqual(readAll(packed), readAll(plain))
  })

  test('a record may be larger than a block, and a key than any buffer', () => {
    const key = 'k'.repeat(1_000_000)
    const pairs = [
      {label: 0, key, value: 'v'.repeat(3_000_000)},
      {label: 0, key: `${key}\0`, value: Buffer.alloc(200_000, 7)},
      {label: 0, key: 'a', value: 1},
    ]
    const [first, second, third] = readAll(writeAll(pairs, true, 1000))
    assert.deepEqual([first!.key, (second!.value as string).length, third!.key === `${key}\0`], ['a', 3_000_000, true])
  })

  test('values are combined while they are spilled and merged', () => {
    const random = seededRandom(3)
    const counts = new Map<string, number>()
    const path = join(folder, 'combined')
    const sum = (_key: unknown, values: Iterable<unknown>): number =>
      [...values].reduce<number>((total, value) => total + (value as number), 0)
    const writer = new ShuffleWriter({
      path,
      isSorted: true,
      budgetBytes: 4000,
      combine: sum,
      labelOf: (key: unknown) => String(key).length % 3,
    })
    for (let index = 0; index < 20_000; index++) {
      const word = `w${random.int(random.pick([5, 500, 5000]))}`
      counts.set(word, (counts.get(word) ?? 0) + 1)
      // Lists go past the table of texts, straight to the sort buffer.
      writer.add(index % 2 === 0 ? word : [word], 1)
      if (index % 2 === 1) writer.add(word, 0)
    }
    writer.finish()
    const found = readAll(path)
    const total = (match: (key: unknown) => boolean): number =>
      found.filter(({key}) => match(key)).reduce((all, {value}) => all + (value as number), 0)
    assert.equal(
      total(() => true),
      20_000,
    )
    for (const [word, count] of counts)
      assert.equal(
        total(key => key === word || (Array.isArray(key) && key[0] === word)),
        count,
      )
    assert.equal(new Set(normal(found).map(line => line.split(' ').slice(0, 2).join(' '))).size, found.length)
  })
})

describe('merges', () => {
  test('of more inputs than are open at once are in order of key, input and emission', () => {
    const random = seededRandom(11)
    const inputs = Array.from({length: 23}, (_, input) =>
      Array.from({length: random.int(80)}, (_unused, index) => ({
        label: 0,
        key: someKey(random),
        value: `${input}-${index}`,
      })),
    )
    const sources = inputs.flatMap(pairs => sourcesOf(writeAll(pairs, true, 1e6), 0))
    const expected = inputs
      .flatMap((pairs, input) => pairs.map((pair, index) => ({...pair, at: input * 1000 + index})))
      .sort((a, b) => compareKeys(a.key, b.key) || a.at - b.at)
    for (const fanInMax of [2, 3, 64]) {
      const groups = new Groups(openMerge(sources, {folder, fanInMax}))
      const found: Emitted[] = []
      for (let values = groups.next(); values !== undefined; values = groups.next())
        for (const value of values) found.push({label: 0, key: groups.key, value})
      groups.close()
      assert.deepEqual(normal(found), normal(expected))
      assert.equal(groups.records, expected.length)
    }
    assert.deepEqual(
      readdirSync(folder).filter(name => name.startsWith('merge-')),
      [],
    )
  })

  test('a group that is left early is skipped, and gone on with when asked for', () => {
    const pairs = ['a', 'b', 'b', 'b', 'c'].map((key, value) => ({label: 0, key, value}))
    const groups = new Groups(openMerge(sourcesOf(writeAll(pairs, true, 1e6), 0), {folder}))
    groups.next()
    const values = groups.next()!
    for (const value of values) {
      assert.equal(value, 1)
      break
    }
    assert.deepEqual([...values], [2, 3])
    assert.deepEqual([...groups.next()!], [4])
    assert.equal(groups.next(), undefined)
  })
})

describe('damage', () => {
  const pairs = Array.from({length: 5000}, (_, value) => ({label: value % 2, key: `key ${value}`, value}))
  const drain = (path: string, label: number): void => {
    const cursor = new SectionCursor(sourcesOf(path, label)[0]!, 0)
    while (cursor.advance());
  }

  test('any changed byte of a section is found, with file and place', () => {
    const path = writeAll(pairs, true, 1e6)
    const whole = readFileSync(path)
    const {offset, bytes} = readSections(path)[1]!
    for (let at = offset; at < offset + bytes; at += 97) {
      const damaged = Buffer.from(whole)
      damaged[at]! ^= 4
      writeFileSync(path, damaged)
      assert.throws(
        () => drain(path, 1),
        (error: unknown) =>
          error instanceof InputLostError && error.message.startsWith(path) && /byte \d+/.test(error.message),
        `byte ${at}`,
      )
      drain(path, 0)
    }
  })

  test('a section that is cut at a block is found', () => {
    const path = writeAll(pairs, true, 1e6)
    const {offset, bytes} = readSections(path)[0]!
    const stretch = readFileSync(path).subarray(offset, offset + bytes - 16)
    const cursor = new SectionCursor({type: 'memory', name: 'a stream', bytes: Buffer.from(stretch)}, 0)
    assert.throws(() => {
      while (cursor.advance());
    }, /a stream: 16 bytes are expected, 0 are there/)
  })

  test('a file that was cut has no sections', () => {
    const path = writeAll(pairs, true, 1e6)
    truncateSync(path, 1000)
    assert.throws(() => readSections(path), InputLostError)
  })
})
