/** Random conditions, as rules write them. */
import type {Random} from '../../../../src/base/index.ts'

export interface ConditionOptions {
  /** Names of fields that a condition can spell. */
  readonly fields: readonly string[]
  /** As they are spelled. */
  readonly literals: readonly string[]
  /** Transforms by name. */
  readonly transforms: readonly string[]
  /** Conditions inside each other. */
  readonly depthMax: number
}

const operators = ['==', '!=', '<', '<=', '>', '>=']
const parts = ["''", "'x'", "'1'", "'ee'", "'00'", "'ü'"]

export function someCondition(random: Random, options: ConditionOptions, depth = 0): string {
  const {fields, literals, transforms, depthMax} = options
  const field = (): string => random.pick(fields)
  const path = (): string => {
    const found = random.int(7) === 0 ? 'missing' : field()
    return random.int(6) === 0 ? `${random.pick(transforms)}(${found})` : found
  }
  const literal = (): string => random.pick(literals)
  const inner = (): string => `(${someCondition(random, options, depth + 1)})`
  switch (random.int(depth > depthMax ? 8 : 11)) {
    case 0:
      return `exists(${field()})`
    case 1:
      return `${path()} in (${Array.from({length: 1 + random.int(4)}, literal).join(', ')})`
    case 2:
      return `${path()} ${random.pick(['contains', 'startsWith', 'endsWith'])} ${random.pick(parts)}`
    case 3:
      return field()
    case 4:
      return `${literal()} ${random.pick(operators)} ${path()}`
    case 5:
      return `${path()} ${random.pick(operators)} ${literal()}`
    case 6:
      return `${path()} ${random.pick(operators)} ${path()} ${random.pick(['+', '-', '*', '/'])} ${random.pick([path(), '2', '0.1', '0'])}`
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
