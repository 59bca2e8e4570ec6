import {expect, test} from 'vitest'
import {seededRandom} from '../../../src/base/index.ts'
import {chunkRanges} from '../../../src/engine/index.ts'
import {
  compileCondition,
  type ExpressionNode,
  type FieldRange,
  filtersAll,
  type Params,
  type Plan,
  parseRanges,
  provablyFalse,
  rangesJson,
} from '../../../src/rules/index.ts'

type Node = ExpressionNode
const time: Node = {expression: 'field', path: 'time'}
const literal = (value: string | number | boolean | null): Node => ({expression: 'literal', value})
const compare = (operator: '==' | '!=' | '<' | '<=' | '>' | '>=', left: Node, right: Node): Node => ({
  expression: 'compare',
  operator,
  left,
  right,
})
const ranges = new Map<string, FieldRange>([['time', {type: 'number', min: 10, max: 20}]])

test('a comparison that no value of the range meets is provably false', () => {
  for (const [operator, value, isFalse] of [
    ['<', 10, true],
    ['<', 11, false],
    ['<=', 9, true],
    ['>', 20, true],
    ['>=', 20, false],
    ['==', 21, true],
    ['==', '15', false],
    ['==', '25', true],
    ['==', 'x', true],
    ['!=', 'x', false],
    ['<', null, true],
  ] as const)
    expect(provablyFalse(compare(operator, time, literal(value)), ranges, {}), `${operator} ${value}`).toBe(isFalse)
  expect(provablyFalse(compare('>', literal(10), time), ranges, {})).toBe(true)
  expect(provablyFalse(compare('>', time, {expression: 'param', name: 'from'}), ranges, {from: 20})).toBe(true)
  expect(provablyFalse(compare('>', time, {expression: 'param', name: 'from'}), ranges, {})).toBe(false)
})

test('a text range says nothing of a comparison with a number, which goes by what texts stand for', () => {
  const texts = new Map<string, FieldRange>([['time', {type: 'text', min: '10', max: '9'}]])
  expect(provablyFalse(compare('<', time, literal(5)), texts, {})).toBe(false)
  expect(provablyFalse(compare('<', time, literal('10')), texts, {})).toBe(true)
})

test('only conditions that stand first filter all, and none that calls a function', () => {
  const where = (condition: Node) => ({step: 'where', condition}) as const
  const no = where(compare('<', time, literal(5)))
  const plan = (steps: Plan['steps'], map: Plan['map'] = null) => ({steps, map}) as Plan
  const call: Node = {
    expression: 'transformed',
    operand: time,
    transforms: [{transform: 'function', ref: {step: 'function', hook: 'x', name: ''}}],
  }
  expect(filtersAll(plan([no]), ranges, {})).toBe(true)
  expect(filtersAll(plan([where({expression: 'exists', operand: time}), no]), ranges, {})).toBe(true)
  expect(filtersAll(plan([where({expression: 'and', operands: [no.condition, call]})]), ranges, {})).toBe(false)
  expect(filtersAll(plan([where(call), no]), ranges, {})).toBe(false)
  expect(filtersAll(plan([{step: 'derive', fields: []}, no]), ranges, {})).toBe(false)
  expect(filtersAll(plan([no], 'pairs'), ranges, {})).toBe(false)
  expect(filtersAll(plan([no]), new Map(), {})).toBe(false)
})

test('ranges are read as they were written, and what is no list of them is none', () => {
  expect(parseRanges(JSON.parse(JSON.stringify(rangesJson(ranges))))).toEqual(ranges)
  for (const bad of [undefined, null, {}, [1], [['a']], [['a', 1, 'b']], [[1, 2, 3]]])
    expect(parseRanges(bad)).toBeUndefined()
})

test('nothing is called false for all that the row evaluator finds true for one', async () => {
  const seeded = seededRandom(6)
  const random = (): number => seeded.next()
  const pick = <T>(list: readonly T[]): T => seeded.pick(list)
  const numbers = [-1.5, 0, -0, 1, 2, 10, 9, 0.1, 1e300, 9007199254740991]
  const texts = [
    '',
    '0',
    '1',
    '10',
    '9',
    ' 2 ',
    'a',
    'b',
    'ab',
    'true',
    'é',
    '\u{1f600}',
    '\uffff',
    '1e300',
    '9007199254740993',
  ]
  const others = [null, true, false, undefined, [], {a: 1}]
  const params: Params = {p: 2, q: '9', big: 9007199254740993n, none: null, list: [1], nan: Number.NaN, yes: true}
  const value = (): Node =>
    pick<() => Node>([
      () => ({expression: 'field', path: pick(['a', 'b', 'c', 'b.x'])}),
      () => literal(pick([...numbers, ...texts, null, true, false])),
      () => ({expression: 'param', name: pick(Object.keys(params))}),
      () => ({expression: 'arithmetic', operator: '+', left: {expression: 'field', path: 'a'}, right: literal(1)}),
    ])()
  const condition = (depth: number): Node => {
    const kind = random()
    if (depth > 0 && kind < 0.4)
      return {expression: pick(['and', 'or']), operands: [condition(depth - 1), condition(depth - 1)]}
    if (depth > 0 && kind < 0.55) return {expression: 'not', operand: condition(depth - 1)}
    if (kind < 0.62) return {expression: 'exists', operand: value()}
    if (kind < 0.72)
      return {expression: 'in', operand: value(), values: [pick([...numbers, ...texts, null, true]), pick(texts)]}
    if (kind < 0.76) return {expression: 'startsWith', operand: value(), text: pick(texts)}
    return compare(pick(['==', '!=', '<', '<=', '>', '>='] as const), value(), value())
  }
  let skipped = 0
  for (let round = 0; round < 20_000; round++) {
    const few = [
      pick([numbers, numbers, texts, [...numbers, ...others]]),
      pick([texts, texts, numbers, [...texts, ...others]]),
    ]
    const subset = few.map(list => Array.from({length: 2}, () => pick<unknown>(list)))
    const lines = Array.from({length: 3}, () =>
      JSON.stringify({a: pick(subset[0]!), b: pick(subset[1]!), ...(random() < 0.5 ? {'b.x': 1} : {})}),
    )
    const known = await chunkRanges(Buffer.from(lines.join('\n')), ['a', 'b', 'c'], async () => undefined)
    const node = condition(2)
    if (known === undefined || !provablyFalse(node, known, params)) continue
    skipped++
    const holds = compileCondition(node, params)
    for (const line of lines) expect(holds(JSON.parse(line)), `${JSON.stringify(node)} on ${line}`).toBe(false)
  }
  expect(skipped).toBeGreaterThan(500)
})
