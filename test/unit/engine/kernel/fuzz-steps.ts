/** Random steps of a rule. */
import type {Random} from '../../../../src/base/index.ts'
import {
  derive,
  type Expression,
  explode,
  field,
  lookup,
  lower,
  type Preprocess,
  param,
  select,
  splitWords,
  toInt,
  where,
} from '../../../../src/rules/index.ts'

export interface StepsOptions {
  /** Fields of the records. */
  readonly paths: readonly string[]
  readonly countMax: number
  /** Steps that make several records of one, too: the kernel takes one of them, before the keysets. */
  readonly mayExpand: boolean
  /** The text of a condition. */
  readonly condition: () => string
}

export function someSteps(random: Random, options: StepsOptions): Preprocess[] {
  const {paths, countMax, mayExpand, condition} = options
  const steps = Array.from({length: random.int(countMax + 1)}, () => someStep(random, paths, condition))
  if (mayExpand && random.int(3) === 0) steps.splice(random.int(steps.length + 1), 0, someExpansion(random, paths))
  return steps
}

function someExpansion(random: Random, paths: readonly string[]): Preprocess {
  const path = random.pick(paths.slice(0, 6))
  const options = random.int(2) === 0 ? {} : {as: random.pick([paths[0]!, 'made', 'u.x'])}
  return random.int(2) === 0 ? explode(path, options) : splitWords(path, options)
}

function someStep(random: Random, paths: readonly string[], condition: () => string): Preprocess {
  const names = ['made', ...paths.filter(path => /^\w+$/.test(path)).slice(0, 4)]
  const expression = (): Expression => someExpression(random, paths, 0)
  switch (random.int(5)) {
    case 0:
      return where(condition())
    case 1:
      return select(...Array.from({length: 3 + random.int(6)}, () => random.pick(paths)))
    case 2:
      return lookup(random.pick(paths), {
        table: {
          x: {one: 1, two: 'deux', three: null},
          '1': {one: 'uno', two: 2.5},
          '12.5': {one: true},
          true: {one: 'yes', three: {x: 1}},
          size: {two: ''},
        },
        columns: {one: random.pick(names), two: random.pick(names)},
        unmatched: random.pick(['keep', 'keep', 'drop']),
      })
    default:
      return derive({[random.pick(names)]: expression(), [random.pick(names)]: expression()})
  }
}

function someExpression(random: Random, paths: readonly string[], depth: number): Expression {
  const inner = (): Expression => someExpression(random, paths, depth + 1)
  const operand = (): Expression | number =>
    random.int(3) === 0 ? random.pick([0, 1, -2, 0.1, 3.5, 1e15, 9007199254740991]) : inner()
  switch (random.int(depth > 1 ? 2 : 9)) {
    case 0:
      return field(random.pick(paths))
    case 1:
      return param('p')
    case 2:
      return field(random.pick(paths)).transform(random.pick([lower, toInt]))
    case 3:
      return inner().matches(random.pick(['^x', '[0-9]{2}', 'ü|Ü']))
    case 4:
      return inner().gt(inner())
    case 5:
      return inner().plus(operand())
    case 6:
      return inner().times(operand())
    case 7:
      return inner().minus(operand())
    default:
      return inner().dividedBy(operand())
  }
}
