import {expect, test} from 'vitest'
import {kernelPlan} from '../../../../src/engine/kernel/index.ts'
import {where} from '../../../../src/rules/index.ts'
import {planOf} from '../../rules/plan-of.ts'
import {byKernel, byRows} from './both-ways.ts'
import {allValues} from './dirty-data.ts'

const literals = [
  ...[
    '""',
    '"x"',
    '"size"',
    '"true"',
    '"false"',
    '"0"',
    '"1"',
    '"12.5"',
    '"-0"',
    '" 7 "',
    '"日本語"',
    '"9007199254740993"',
  ],
  ...['0', '1', '-1', '12.5', '0.1', '1e21', '9007199254740993', 'true', 'false', 'null'],
]
const texts = [
  '""',
  '"x"',
  '"1"',
  '"ee"',
  '"e"',
  '"ü"',
  '"2012-"',
  '"706Z"',
  '"sixteen bytes ok"',
  '"vectors of"',
  '"rue"',
]

/** Every kind of value, and none, asked one condition: the kernel gives the row path's answer, or leaves the line to it. */
function ask(condition: string): void {
  const plan = planOf({
    name: 'a',
    format: 'json',
    keyParts: ['line'],
    valueParts: ['count'],
    partsPreprocess: [where(condition)],
  })
  const supported = kernelPlan(plan)
  if ('reason' in supported) throw new Error(supported.reason)
  const lines = [...allValues.map((value, line) => `{"line":${line},"k":${value}}`), '{"line":-1}']
  const input = {chunks: [Buffer.from(lines.join('\n'))], isFirst: false}
  const {passed, runs, ...found} = byKernel(plan, supported, input)
  const {runs: expectedRuns, ...expected} = byRows(plan, input)
  expect({condition, found}).toEqual({condition, found: expected})
}

test.each(['==', '!=', '<', '<=', '>', '>='])(
  'every value compares by %s with literals as in the row path',
  operator => {
    for (const literal of literals) {
      ask(`k ${operator} ${literal}`)
      ask(`${literal} ${operator} k`)
      ask(`lower(k) ${operator} ${literal}`)
    }
  },
)

test.each(['contains', 'startsWith', 'endsWith'])('every value is asked by %s as in the row path', operator => {
  for (const text of texts) ask(`k ${operator} ${text}`)
})

test.each([
  'k',
  'not k',
  'exists(k)',
  'k in (1, "x", "12.5", true, "false")',
  'k in (null, 0.1)',
  'k == null or k > 5 and not (k < 100)',
  'toInt(k)',
  'toFloat(k) > 0.2',
  'day(k) >= "2012-03-05"',
  'urlHost(k) == null',
  'true',
  '"0"',
])('every value is asked `%s` as in the row path', condition => ask(condition))
