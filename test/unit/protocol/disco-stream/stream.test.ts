import {describe, expect, test} from 'vitest'
import {
  discoStreamOfLines,
  discoStreamText,
  encodeDiscoStream,
  encodeHunk,
  encodeNetstringPair,
  isDiscoBegin,
  isDiscoStream,
  netstringPairsOf,
} from '../../../../src/protocol/index.ts'

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex')
const pair = hex('2858010000006b71004b017471012e')
const plain = hex('8100 9aa9cbcb 0f00000000000000 2858010000006b71004b017471012e')
const packed = hex('8101 9aa9cbcb 1700000000000000 785ed38860646060c82e64f0662c2964d4030013a902be')
const end = hex('8101 00000000 0800000000000000 785e030000000001')
const plainEnd = hex('8100 00000000 0000000000000000')

async function textOf(...pieces: Buffer[]): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of discoStreamText(
    (async function* () {
      yield* pieces
    })(),
    'old.log',
  ))
    parts.push(part)
  return Buffer.concat(parts).toString()
}

test('hunks are written byte for byte as Disco writes them', () => {
  expect(encodeHunk(pair, 0)).toEqual(plain)
  expect(encodeHunk(Buffer.alloc(0), 0)).toEqual(plainEnd)
  expect(encodeHunk(Buffer.alloc(0)).length).toBe(end.length)
  expect(isDiscoStream(plain)).toBe(true)
  expect(isDiscoStream(Buffer.from('{"a":1}'))).toBe(false)
})

test('records are read at both levels, behind each other, byte by byte', async () => {
  expect(await textOf(plain, plainEnd)).toBe('k\t1\n')
  expect(await textOf(packed, end)).toBe('k\t1\n')
  expect(await textOf(plain, plainEnd, packed, end, plain, plainEnd)).toBe('k\t1\n'.repeat(3))
  expect(await textOf(...[...Buffer.concat([packed, end])].map(byte => Buffer.from([byte])))).toBe('k\t1\n')
  expect(await textOf()).toBe('')
})

test('lines that were written are read again, large ones too', async () => {
  const lines = Array.from({length: 3000}, (_, n) => Buffer.from(`${n} ${'x'.repeat(n)}\n`))
  const stream = [...encodeDiscoStream(lines)]
  expect(stream.length).toBeGreaterThan(3)
  expect(await textOf(...stream)).toBe(Buffer.concat(lines).toString())
  expect(await textOf(encodeHunk(Buffer.from('plain lines\nof others\n')), end)).toBe('plain lines\nof others\n')
})

test('what is cut, corrupt, or runs code is refused', async () => {
  const wrong = Buffer.from(plain)
  wrong[3]! ^= 1
  await expect(textOf(wrong)).rejects.toThrow('old.log: the stream of Disco is corrupt: a checksum does not fit')
  await expect(textOf(plain.subarray(0, 20))).rejects.toThrow('is cut short')
  await expect(textOf(plain, Buffer.from('x'))).rejects.toThrow('something between two hunks')
  await expect(textOf(hex('8100 00000000 ffffffffffffff00'))).rejects.toThrow('has a hunk of')
  const evil = encodeHunk(Buffer.concat([pair, Buffer.from('cos\nsystem\n(S"x"\ntR.')]))
  await expect(textOf(evil)).rejects.toThrow('records that are no text')
})

const inPieces = async function* (bytes: Buffer, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

describe('version 0', () => {
  const pairs = [
    ['key', 'value'],
    ['', 'a b\nc'],
    ['ocean', 'x'.repeat(10_000)],
  ].map(([key, value]) => [Buffer.from(key!), Buffer.from(value!)] as const)
  const bytes = Buffer.concat(pairs.map(([key, value]) => encodeNetstringPair(key, value)))

  test('keeps any byte, in pieces of any size', async () => {
    expect(bytes.subarray(0, 25).toString()).toBe('3 key 5 value\n0  5 a b\nc\n')
    for (const size of [1, 7, 1000, 100_000]) {
      expect(await Array.fromAsync(netstringPairsOf(inPieces(bytes, size), 'x'))).toEqual(pairs)
    }
  })

  test('is read as lines, alone and behind hunks', async () => {
    const two = Buffer.from('5 ocean 2 12\n3 sea 1 7\n')
    expect(await textOf(two)).toBe('ocean\t12\nsea\t7\n')
    expect(await textOf(...[...two].map(byte => Buffer.from([byte])))).toBe('ocean\t12\nsea\t7\n')
    expect(await textOf(packed, end, two)).toBe('k\t1\nocean\t12\nsea\t7\n')
  })

  test('that is cut or lies about a length is refused', async () => {
    await expect(textOf(bytes.subarray(0, -2))).rejects.toThrow(
      'old.log: the stream of Disco of version 0 is corrupt or cut short',
    )
    await expect(textOf(Buffer.from('5 ocean 2 123\n'))).rejects.toThrow('of version 0 is corrupt or cut short')
    await expect(textOf(Buffer.from('99999999999 ocean 2 123\n'))).rejects.toThrow('of version 0 is corrupt')
    await expect(textOf(Buffer.from('9999999999 ocean 2 123\n'))).rejects.toThrow('of version 0 is corrupt')
  })

  test.each([
    ['two pairs of different lengths', '5 ocean 2 12\n3 sea 1 7\n'],
    ['one pair with a length of two digits', '10 Copenhagen 1 7\n'],
    ['a pair that goes on behind what is looked at', `10 Copenhagen 9999 ${'x'.repeat(5000)}`],
  ])('is told by %s', (_, text) => {
    expect(isDiscoStream(Buffer.from(text))).toBe(true)
  })

  test.each([
    ['a table of numbers', '1 5 1 7\n1 3 1 9\n1 8 1 2\n'],
    ['a log with times', '1414411200 GET /index.html 200\n'],
    ['pairs, and a line that is none', '5 ocean 2 12\n3 sea 1 7\n3 lake 1 7\n'],
    ['one short pair', '3 sea 1 7\n'],
    ['one number', '7'],
    ['a long number', '123456789012345'],
    ['JSON', '{"a":1}'],
    ['nothing', ''],
  ])('is not told by %s', (_, text) => {
    expect(isDiscoStream(Buffer.from(text))).toBe(false)
  })

  test('a line that is none is known as soon as it is there: nobody waits for more of a live log', () => {
    for (const line of ['1414411200 GET', '5 minutes later\n', 'a', '3 sea 5 x\n3 sea 5 x\n4']) {
      expect([line, isDiscoBegin(Buffer.from(line), false)]).toEqual([line, false])
    }
    expect(isDiscoBegin(Buffer.from('5 oce'), false)).toBeUndefined()
    expect(isDiscoBegin(Buffer.from([129]), false)).toBeUndefined()
  })
})

test('lines that come in any pieces are written as records', async () => {
  const hunks: Buffer[] = []
  const pieces = async function* () {
    yield Buffer.from('one\ntw')
    yield Buffer.from('o\nlast')
  }
  for await (const hunk of discoStreamOfLines(pieces())) hunks.push(hunk)
  expect(await textOf(...hunks)).toBe('one\ntwo\nlast\n')
  expect(hunks).toHaveLength(2)
})
