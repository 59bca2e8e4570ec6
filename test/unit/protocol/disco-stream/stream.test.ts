import {expect, test} from 'vitest'
import {
  discoStreamOfLines,
  discoStreamText,
  encodeDiscoStream,
  encodeHunk,
  encodeNetstringPair,
  isDiscoStream,
  netstringPairs,
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
  await expect(textOf(wrong)).rejects.toThrow('a checksum does not fit')
  await expect(textOf(plain.subarray(0, 20))).rejects.toThrow('is cut short')
  await expect(textOf(plain, Buffer.from('x'))).rejects.toThrow('something between two hunks')
  await expect(textOf(hex('8100 00000000 ffffffffffffff00'))).rejects.toThrow('has a hunk of')
  const evil = encodeHunk(Buffer.concat([pair, Buffer.from('cos\nsystem\n(S"x"\ntR.')]))
  await expect(textOf(evil)).rejects.toThrow('records that are no text')
})

test('pairs of version 0 keep any byte', () => {
  const pairs = [
    ['key', 'value'],
    ['', 'a b\nc'],
  ].map(([key, value]) => [Buffer.from(key!), Buffer.from(value!)] as const)
  const bytes = Buffer.concat(pairs.map(([key, value]) => encodeNetstringPair(key, value)))
  expect(bytes.toString()).toBe('3 key 5 value\n0  5 a b\nc\n')
  expect([...netstringPairs(bytes)]).toEqual(pairs)
  expect(() => [...netstringPairs(bytes.subarray(0, -2))]).toThrow('corrupt or cut short')
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
