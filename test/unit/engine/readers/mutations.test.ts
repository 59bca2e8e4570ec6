/** Seeded mutations of good input: nothing throws, and neither the chunks nor the parts of an input change what is read. */
import {expect, test} from 'vitest'
import {type Random, seededRandom} from '../../../../src/base/index.ts'
import {makeCutter, namesOfFirstRecord} from '../../../../src/engine/readers/index.ts'
import type {FormatNode} from '../../../../src/rules/index.ts'
import {type Call, collect} from './collect.ts'

const caseCount = 600

const json = [
  '{"a":1,"b":"x"}',
  '{"id":12345678901234567890,"t":"ü"}',
  '',
  '# note',
  '[{"a":1}]',
  '{"a":{"b":[1,2e3]}}',
  '{"a":-9007199254740993}',
].join('\n')
const csv = ['a,b,c', '1,"x,y",z', '"q ""r""\nline",2', '', 'a"b,"c"d,', ',"",\r', '"é",漢', '1,"\n\n",3,4'].join('\n')
const logfmt = ['a=1 b="x \\"y\\"" c', 'nothing', 'k= l="\\u00e9"', '__proto__=1'].join('\n')
const access = [
  'h - - [t] "GET / HTTP/1.1" 200 12 "-" "agent \\"x\\""',
  'h - u [t] "\\x16\\x03" 400 - "r" "a" extra',
  'broken',
].join('\n')

const inputs: readonly (readonly [FormatNode, string])[] = [
  [{format: 'json'}, json],
  [{format: 'csv', fields: null, delimiter: ','}, csv],
  [{format: 'csv', fields: 'header', delimiter: ','}, csv],
  [{format: 'csv', fields: ['x', 'y', '__proto__'], delimiter: ','}, csv],
  [{format: 'dynamic', fields: null, delimiter: ','}, `${json}\n${csv}`],
  [{format: 'logfmt'}, logfmt],
  [{format: 'common-log'}, access],
  [{format: 'combined-log'}, access],
  [{format: 'regex', pattern: '(?P<k>\\w+)=(?P<v>.*)'}, logfmt],
]

const pieces = [
  '"',
  '""',
  '","',
  ',',
  '\n',
  '\r',
  '\r\n',
  '\0',
  '{',
  '}',
  '[',
  '\\',
  '=',
  ' ',
  '-',
  '\ufeff',
  'é',
  '12345678901234567890',
  '"\n',
  'x","\n',
].map(text => Buffer.from(text))
const invalid = [Buffer.from([0xff]), Buffer.from([0xc3]), Buffer.from([0xed, 0xa0, 0x80])]

function mutate(bytes: Buffer, random: Random): Buffer {
  let mutated = bytes
  for (let count = random.int(6); count > 0; count--) {
    const at = random.int(mutated.length + 1)
    const removed = random.int(3) === 0 ? random.int(12) : random.int(2)
    const inserted = random.int(8) === 0 ? random.pick(invalid) : random.pick(pieces)
    mutated = Buffer.concat([mutated.subarray(0, at), inserted, mutated.subarray(at + removed)])
  }
  return mutated
}

function randomCuts(length: number, random: Random): number[] {
  return Array.from({length: random.int(12)}, () => random.int(length + 1)).sort((a, b) => a - b)
}

/** Reads the parts that the cutter makes, each with a reader of its own, as one input. */
function collectParts(
  format: FormatNode,
  bytes: Buffer,
  chunkCuts: readonly number[],
  recordBytesMax: number,
): {calls: Call[]; lines: number} {
  const cutter = makeCutter(format, {recordBytesMax})
  const ends: number[] = []
  let start = 0
  for (const end of [...chunkCuts, bytes.length]) {
    const cut = cutter.push(bytes.subarray(start, end))
    if (cut >= 0) ends.push(start + cut)
    start = end
  }
  if (ends.at(-1) !== bytes.length) ends.push(bytes.length)
  const calls: Call[] = []
  let lines = 0
  let names: readonly string[] | null = null
  let from = 0
  for (const end of ends) {
    const part = bytes.subarray(from, end)
    const known: {names?: readonly string[]} = names === null ? {} : {names}
    const read = collect(format, part, {isFirst: from === 0, recordBytesMax, ...known})
    for (const call of read.calls) calls.push({...call, line: call.line + lines})
    if (names === null && (format.format === 'csv' || format.format === 'dynamic'))
      names = namesOfFirstRecord(part, format, {isFirst: from === 0, recordBytesMax})
    lines += read.lines
    from = end
  }
  return {calls, lines}
}

for (const [format, input] of inputs) {
  const title = format.format === 'csv' ? `csv with ${JSON.stringify(format.fields)}` : format.format
  test(`${title}: mutated input reads the same in any chunks and any parts`, () => {
    const random = seededRandom(20261123)
    for (let index = 0; index < caseCount; index++) {
      const bytes = mutate(Buffer.from(input), random)
      const recordBytesMax = random.int(3) === 0 ? 1 + random.int(60) : 1_000_000
      const where = `case ${index}: ${JSON.stringify(bytes.toString('latin1'))}, at most ${recordBytesMax}`
      const whole = collect(format, bytes, {recordBytesMax})
      expect(whole.lines, where).toBe(
        bytes.toString('latin1').split('\n').length - (bytes.at(-1) === 0x0a || bytes.length === 0 ? 1 : 0),
      )
      expect(collect(format, bytes, {recordBytesMax, cuts: randomCuts(bytes.length, random)}), where).toEqual(whole)
      expect(collectParts(format, bytes, randomCuts(bytes.length, random), recordBytesMax), where).toEqual(whole)
    }
  })
}
