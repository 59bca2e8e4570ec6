import {expect, test} from 'vitest'
import {kernelPlan, recordsPlan} from '../../../../src/engine/kernel/index.ts'
import {count, sum} from '../../../../src/rules/index.ts'
import {planOf} from '../../rules/plan-of.ts'
import {byKernel, byRows} from './both-ways.ts'

const lines = [
  '{"time":"1330905600057","domain":"example.com","n":10933,"price":0.35,"ok":false}',
  '{"a":-1.5e3,"n":null,"list":[1,{"x":"y"},[]],"o":{"k":{"z":true}},"text":"\\u00e9\\n\\"é日😀"}',
  '{ "n" : 12 , "u" : { "x" : 1.50 , "y" : [ ] } }\r',
]

/** What a byte of JSON may be confused with: structure, digits, escapes, letters of literals, control characters, pieces of UTF-8. */
const bytes = [
  ...Buffer.from('{}[]:,"\\ \t\r0195-+.eEutfnlx/'),
  0x00,
  0x01,
  0x1f,
  0x7f,
  0x80,
  0xbf,
  0xc3,
  0xed,
  0xf0,
  0xff,
]

/** Every line that comes of one by changing, leaving out, putting in or doubling one byte, or by cutting it off. */
function* neighbours(line: Buffer): Generator<Buffer> {
  for (let at = 0; at <= line.length; at++) {
    const before = line.subarray(0, at)
    yield before
    yield Buffer.concat([before, line.subarray(at + 1)])
    yield Buffer.concat([before, line.subarray(Math.max(0, at - 1))])
    for (const byte of bytes) {
      yield Buffer.concat([before, Buffer.of(byte), line.subarray(at)])
      if (at < line.length) yield Buffer.concat([before, Buffer.of(byte), line.subarray(at + 1)])
    }
  }
}

const plan = planOf({
  name: 'mutated',
  format: 'json',
  keyParts: ['n'],
  valueParts: {records: count(), price: sum('price'), x: sum('u.x')},
})
/** Groups, and small records for the row path. */
const plans = [kernelPlan(plan), recordsPlan(plan)]

test.each(plans.flatMap(supported => lines.map(text => [text, supported] as const)))(
  'no line next to %s is taken for JSON that is none',
  (text, supported) => {
    if ('reason' in supported) throw new Error(supported.reason)
    const line = Buffer.from(text)
    const newline = Buffer.from('\n')
    // The good line in between keeps the guesses about the next line what they are for good lines.
    const all = [...neighbours(line)].flatMap(neighbour => [line, newline, neighbour, newline])
    const input = {chunks: [Buffer.concat(all)], isFirst: false}
    const {passed, runs, smallRecords: _small, usual: _usual, ...found} = byKernel(plan, supported, input)
    const {runs: expectedRuns, ...expected} = byRows(plan, input)
    expect(found).toEqual(expected)
    expect(found.account.bad).toBeGreaterThan(1000)
    // Most lines are for the kernel: the good ones, and those whose change does no harm.
    expect(found.account.in - passed - found.account.bad).toBeGreaterThan(all.length / 4)
  },
)
