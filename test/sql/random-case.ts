/** Random rules that mostly have an exact equal, and dirty lines for them. Same seed, same case. */
import {type Random, seededRandom} from '../../src/base/index.ts'
import {
  type Aggregate,
  alphanumeric,
  avg,
  count,
  distinct,
  extract,
  from,
  type KeyPart,
  lower,
  max,
  min,
  type Plan,
  type Preprocess,
  padInt,
  type RuleOptions,
  sum,
  type TransformStep,
  toFloat,
  toInt,
  trimTo,
  upper,
  where,
} from '../../src/rules/index.ts'
import {chance, someLine, someShape, type Taste} from '../unit/engine/kernel/dirty-data.ts'
import {someSteps} from '../unit/engine/kernel/fuzz-steps.ts'
import {planOf} from '../unit/rules/plan-of.ts'

const paths = ['a', 'b', 'n', 'u', 'price', 'u.x', 'a.b', 'missing', '__proto__', 'ü', 'u.x.deep']
export const params = {p: '12.5'}

export interface SqlCase {
  readonly plan: Plan
  readonly bytes: Uint8Array
}

export function caseOf(seed: number): SqlCase {
  const random = seededRandom(seed)
  const taste = random.pick<Taste>([
    {oddness: 0, brokenness: 0},
    {oddness: 0.02, brokenness: 0.02},
    {oddness: 0.05, brokenness: 0.05},
    {oddness: 0.3, brokenness: 0.1},
  ])
  const plan = planOf(someRule(random))
  const shapes = Array.from({length: 1 + random.int(3)}, () => someShape(random, taste))
  const pieces: Uint8Array[] = []
  for (let index = random.pick([1, 5, 40, 100]); index > 0; index--) {
    pieces.push(someLine(random, random.pick(shapes), taste), Buffer.from(chance(random, 0.05) ? '\r\n' : '\n'))
  }
  if (random.int(2) === 0) pieces.pop()
  return {plan, bytes: Buffer.concat(pieces)}
}

function someRule(random: Random): RuleOptions {
  const keysets = Object.fromEntries(
    Array.from({length: 1 + random.int(3)}, (_, index) => [`k${index}`, someKeyset(random)]),
  )
  const changed =
    random.int(5) === 0
      ? {fieldTransforms: {[random.pick(paths.slice(0, 5))]: [random.pick(transforms)] as TransformStep[]}}
      : {}
  return {name: 'fuzzed', format: 'json', params, keysets, ...chain(random), ...changed} as RuleOptions
}

function chain(random: Random): {partsPreprocess?: Preprocess[]} {
  const condition = (): string => someCondition(random, 0)
  if (random.int(3) > 0) return {}
  if (random.int(2) === 0) return {partsPreprocess: [where(condition())]}
  return {partsPreprocess: someSteps(random, {paths, countMax: 3, mayExpand: false, condition})}
}

function someKeyset(random: Random) {
  const path = (): string => random.pick(random.int(3) === 0 ? paths : paths.slice(0, 5))
  const makers: readonly ((field: string) => Aggregate)[] = [sum, sum, count, avg, min, max, field => distinct(field)]
  const keyParts: KeyPart[] = [...new Set(Array.from({length: random.int(3)}, path))]
  if (random.int(3) === 0) keyParts.push(from(path(), random.pick(transforms)).as('derived'))
  const columns = Array.from({length: random.int(4)}, (_, index) => [`v${index}`, random.pick(makers)(path())])
  const valueParts = columns.length === 0 || random.int(3) === 0 ? ['count', 'n'] : Object.fromEntries(columns)
  return {keyParts, valueParts, ...chain(random)}
}

const transforms: readonly TransformStep[] = [
  toInt,
  toFloat,
  lower,
  upper,
  alphanumeric,
  trimTo(3),
  padInt(5, '0'),
  extract('([0-9]+)'),
]

const literals = [
  "''",
  "'x'",
  "'size'",
  "'true'",
  "'1'",
  "'12.5'",
  "' 7 '",
  "'日本語'",
  '0',
  '1',
  '7',
  '-1',
  '12.5',
  '0.1',
]
const otherLiterals = ["'9007199254740993'", 'true', 'false', 'null', '123456.789']

function someCondition(random: Random, depth: number): string {
  const fields = ['a', 'b', 'n', 'u', 'price', 'u.x', 'missing']
  const path = (): string =>
    random.int(6) === 0 ? `${random.pick(['lower', 'toInt'])}(${random.pick(fields)})` : random.pick(fields)
  const literal = (): string => random.pick(random.int(3) === 0 ? otherLiterals : literals)
  const inner = (): string => `(${someCondition(random, depth + 1)})`
  const operator = (): string => random.pick(['==', '!=', '<', '<=', '>', '>='])
  switch (random.int(depth > 1 ? 8 : 11)) {
    case 0:
      return `exists(${random.pick(fields)})`
    case 1:
      return `${path()} in (${Array.from({length: 1 + random.int(4)}, literal).join(', ')})`
    case 2:
      return `${path()} ${random.pick(['contains', 'startsWith', 'endsWith'])} ${random.pick(["''", "'x'", "'1'", "'ee'", "'ü'"])}`
    case 3:
      return random.pick(fields)
    case 4:
      return `${literal()} ${operator()} ${path()}`
    case 5:
      return `${path()} ${operator()} ${literal()}`
    case 6:
      return `${path()} ${operator()} ${path()} ${random.pick(['+', '-', '*', '/'])} ${random.pick([path(), '2', '0.1', '0'])}`
    case 7:
      return `${path()} ~ ${random.pick(["'^[0-9]+$'", "'x'", "'ü'"])}`
    case 8:
      return `${inner()} and ${inner()}`
    case 9:
      return `${inner()} or ${inner()} or ${inner()}`
    default:
      return `not ${inner()}`
  }
}
