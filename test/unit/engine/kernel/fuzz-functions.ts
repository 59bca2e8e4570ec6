/** Random rules with functions that say which fields they read. */
import {bigIntsAsDigits, type Random} from '../../../../src/base/index.ts'
import type {ResolveFunction} from '../../../../src/engine/index.ts'
import {defineRule} from '../../../../src/rules/define-rule.ts'
import {
  collect,
  distinct,
  type KeyPart,
  type Pair,
  type Parts,
  type Preprocess,
  parseJson,
  type RuleOptions,
  sortedReduce,
  where,
} from '../../../../src/rules/index.ts'
import {functionsOf} from '../../../../src/rules/rule-functions.ts'

const oddPaths = [
  'a',
  'b',
  'n',
  'u',
  'price',
  'u.x',
  'u.y',
  'u.x.deep',
  'a.b',
  'b[0].x',
  'u["a.b"]',
  'missing',
  '__proto__',
  'ü',
  '',
]

/** All that a function can see of a record. */
function seen(parts: Parts): string {
  return JSON.stringify(parts, bigIntsAsDigits)
}

const functions: readonly Preprocess[] = [
  parts => ({...parts, all: seen(parts)}),
  parts => {
    parts['all'] = seen(parts)
    return parts
  },
  function* twice(parts) {
    yield {...parts, all: 1}
    parts['all'] = 2
    yield parts
  },
  function picky(parts) {
    if (typeof parts['a'] === 'string') throw new TypeError(`will not have ${parts['a']}`)
    return parts
  },
  parts => (Number(parts['n']) > 5 ? null : parts),
  where('b or n > 3'),
]

function change(value: unknown): unknown {
  if (value === 'x') throw new RangeError('x it is')
  return typeof value === 'number' ? value + 1 : value
}

export interface RuleWithFunctions {
  readonly rule: RuleOptions
  readonly resolve: ResolveFunction
}

/** Puts functions into a rule, or columns that only the row path knows; sometimes nothing. */
export function withFunctions(random: Random, rule: RuleOptions, inFormat: readonly string[]): RuleWithFunctions {
  const paths = [...oddPaths, ...inFormat, ...inFormat]
  const fields = [...new Set(Array.from({length: random.int(5)}, () => random.pick(paths)))]
  const steps = (): readonly Preprocess[] => Array.from({length: 1 + random.int(2)}, () => random.pick(functions))
  const changes: readonly (() => object)[] = [
    () => ({}),
    () => ({
      fields,
      partsPreprocess: [...(rule.partsPreprocess ?? []), ...steps()],
      keysets: keysetsWith(random, rule, {keyParts: ['all']}),
    }),
    () => ({fields, keysets: keysetsWith(random, rule, {partsPreprocess: steps(), keyParts: ['all']})}),
    () => ({
      partsPreprocess: [
        ...(rule.partsPreprocess ?? []),
        parseJson(random.pick(inFormat), random.int(2) === 0 ? {} : {as: random.pick(inFormat)}),
      ],
    }),
    () => ({fieldTransforms: {...rule.fieldTransforms, b: change, 'u.y': change}}),
    () => ({
      keysets: keysetsWith(random, rule, {
        valueParts: {one: distinct('a'), two: collect(random.pick(paths), {max: 3})},
      }),
    }),
    () => ({
      fields,
      mapFunction: (parts: Parts): Pair[] => [[['k0', seen(parts)], [1]]],
      keysets: {k0: {keyParts: ['all'], valueParts: ['count']}},
      fieldTransforms: {},
      reduceFunction: sortedReduce,
    }),
  ]
  const changed = {...rule, ...random.pick(changes)()} as RuleOptions
  const found = functionsOf(defineRule(changed))
  return {rule: changed, resolve: ref => found.get(ref.hook) as (...args: never[]) => unknown}
}

interface Change {
  readonly keyParts?: readonly KeyPart[]
  readonly [option: string]: unknown
}

function keysetsWith(random: Random, rule: RuleOptions, {keyParts = [], ...change}: Change): object {
  return Object.fromEntries(
    Object.entries(rule.keysets ?? {}).map(([name, keyset]) => {
      const added = random.int(2) === 0 ? keyParts : []
      return [name, {...keyset, ...change, keyParts: [...(keyset.keyParts ?? []), ...added]}]
    }),
  )
}
