/** Random rules that mostly have an exact equal, and dirty lines for them, in every format. Same seed, same case. */
import {type Random, seededRandom} from '../../src/base/index.ts'
import type {ResolveFunction} from '../../src/engine/index.ts'
import {compilePlan} from '../../src/rules/compile-plan.ts'
import {defineRule} from '../../src/rules/define-rule.ts'
import {
  type Aggregate,
  alphanumeric,
  avg,
  collect,
  count,
  day,
  distinct,
  extract,
  first,
  from,
  hashed,
  histogram,
  hour,
  type KeyPart,
  last,
  lower,
  max,
  min,
  minute,
  type Plan,
  type Preprocess,
  padInt,
  quantile,
  type RuleOptions,
  replace,
  select,
  stddev,
  sum,
  type TransformStep,
  toFloat,
  toInt,
  topK,
  trimTo,
  truncateIp,
  upper,
  urlHost,
  week,
  where,
} from '../../src/rules/index.ts'
import {resolverOf} from '../../src/worker/index.ts'
import type {Taste} from '../unit/engine/kernel/dirty-data.ts'
import {someCondition} from '../unit/engine/kernel/fuzz-conditions.ts'
import {someSteps} from '../unit/engine/kernel/fuzz-steps.ts'
import {type Lines, someLines} from './random-lines.ts'
import {somePostprocess} from './random-postprocess.ts'

export const params = {p: '12.5'}

export interface SqlCase {
  readonly plan: Plan
  readonly bytes: Uint8Array
  /** Finds its postprocessors. */
  readonly resolve: ResolveFunction
}

export function caseOf(seed: number): SqlCase {
  const random = seededRandom(seed)
  const taste = random.pick<Taste>([
    {oddness: 0, brokenness: 0},
    {oddness: 0.02, brokenness: 0.02},
    {oddness: 0.05, brokenness: 0.05},
    {oddness: 0.3, brokenness: 0.1},
  ])
  const lines = someLines(random, taste)
  const rule = defineRule(new RandomRule(random, lines).options())
  return {plan: compilePlan(rule, {module: 'logs'}).plan, bytes: lines.bytes, resolve: resolverOf(rule)}
}

/** Twice as often as the others. */
const plainLiterals = [
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
const literals = [...plainLiterals, ...plainLiterals, "'9007199254740993'", 'true', 'false', 'null', '123456.789']

const zones = ['UTC', 'UTC', 'Europe/Berlin', 'America/Toronto', 'Asia/Kolkata']

class RandomRule {
  readonly #random: Random
  readonly #lines: Lines

  constructor(random: Random, lines: Lines) {
    this.#random = random
    this.#lines = lines
  }

  options(): RuleOptions {
    const random = this.#random
    const keysetCount = 1 + random.int(3)
    const keysets = Object.fromEntries(Array.from({length: keysetCount}, (_, index) => [`k${index}`, this.#keyset()]))
    const changed =
      random.int(4) === 0 ? {fieldTransforms: {[random.pick(this.#lines.paths.slice(0, 5))]: this.#chain()}} : {}
    const mayExpand = random.int(3) === 0
    return {
      name: 'fuzzed',
      format: this.#lines.format,
      params,
      keysets,
      ...this.#steps(mayExpand),
      ...changed,
    } as RuleOptions
  }

  #steps(mayExpand = false): {partsPreprocess?: Preprocess[]} {
    const random = this.#random
    const {paths} = this.#lines
    const fields = [...paths.slice(0, 6), 'missing']
    const condition = (): string =>
      someCondition(random, {fields, literals, transforms: ['lower', 'toInt'], depthMax: 1})
    if (!mayExpand && random.int(3) > 0) return {}
    if (!mayExpand && random.int(2) === 0) return {partsPreprocess: [where(condition())]}
    const steps = someSteps(random, {paths, countMax: 3, mayExpand, condition})
    return {partsPreprocess: random.int(3) === 0 ? [...steps, this.#selection()] : steps}
  }

  /** Of what lies inside other fields, in objects and in arrays. */
  #selection(): Preprocess {
    const {paths, nestedPaths} = this.#lines
    const path = (): string => this.#random.pick(this.#random.int(2) === 0 ? nestedPaths : paths)
    return select(...Array.from({length: 1 + this.#random.int(4)}, path))
  }

  #keyset() {
    const random = this.#random
    const {paths, numberPaths, nestedPaths} = this.#lines
    const path = (): string => random.pick(random.int(3) === 0 ? [...paths, ...nestedPaths] : paths.slice(0, 5))
    const number = (): string => random.pick(random.int(4) === 0 ? paths : numberPaths)
    const makers: readonly (() => Aggregate)[] = [
      () => sum(number()),
      () => sum(number()),
      () => count(path()),
      () => avg(number()),
      () => min(number()),
      () => max(path()),
      () => distinct(path(), {exactUpTo: random.pick([1, 5, 20, 10_000])}),
      () => first(path(), {by: path()}),
      () => last(path(), {by: random.int(2) === 0 ? number() : path()}),
      () => topK(path(), 1 + random.int(4)),
      () => collect(path(), {max: random.pick([1, 2, 5, 100])}),
      () => quantile(number(), random.pick([0, 0.5, 0.95, 1])),
      () => stddev(number()),
      () => histogram(number(), random.pick([[0], [1, 10, 100], [-5, 0.1, 12.5, 1e6]])),
    ]
    const keyParts: KeyPart[] = [...new Set(Array.from({length: random.int(3)}, path))]
    if (random.int(2) === 0)
      keyParts.push(from(random.int(3) === 0 ? path() : this.#meaningPath(), ...this.#chain()).as('derived'))
    const columns = Array.from({length: random.int(4)}, (_, index) => [`v${index}`, random.pick(makers)()])
    const valueParts = columns.length === 0 || random.int(3) === 0 ? ['count', 'n'] : Object.fromEntries(columns)
    return {keyParts, valueParts, ...this.#steps(), ...somePostprocess(random)}
  }

  #meaningPath(): string {
    return this.#random.pick(this.#lines.meaningPaths)
  }

  #chain(): TransformStep[] {
    return Array.from({length: this.#random.int(4) === 0 ? 2 : 1}, () => this.#transform())
  }

  #transform(): TransformStep {
    const random = this.#random
    const time = {zone: random.pick(zones), unit: random.pick(['auto', 'auto', 's', 'ms', 'us', 'ns'] as const)}
    return random.pick<() => TransformStep>([
      () => random.pick([minute, hour, day, week])(time),
      () => random.pick([minute, hour, day, week])(time),
      () => random.pick([toInt, toFloat, lower, upper, alphanumeric]),
      () => random.pick([trimTo(3), padInt(5, '0'), padInt(4), hashed({salt: "s'\u0000ü", length: 12})]),
      () => random.pick([extract('([0-9]+)'), extract('(?P<host>[a-z]+)\\.', 'host'), extract('^(x)?([0-9]+)', 2)]),
      () => random.pick([replace('\\?.*$', ''), replace('([a-z])([0-9])', '$2$1$$\\'), replace('[aeiou]|ü', '<$&>')]),
      () => random.pick([urlHost, truncateIp]),
    ])()
  }
}
