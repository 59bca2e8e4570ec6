/**
 * The kernel against the row path: random plans over random dirty lines must give the same rows, accounts and bad records.
 *
 * By itself a program, for long runs: `node test/unit/engine/kernel/fuzz.ts 1000000 [first seed]`.
 */
import {isDeepStrictEqual} from 'node:util'
import {type Random, seededRandom} from '../../../../src/base/index.ts'
import {type KernelPlan, kernelPlan, recordsPlan} from '../../../../src/engine/kernel/index.ts'
import {
  type Aggregate,
  alphanumeric,
  avg,
  type CsvOptions,
  collect,
  count,
  day,
  distinct,
  extract,
  first,
  from,
  histogram,
  hour,
  type KeyPart,
  last,
  lower,
  max,
  min,
  minute,
  type Plan,
  padInt,
  quantile,
  type RuleOptions,
  replace,
  stddev,
  sum,
  type Transform,
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
} from '../../../../src/rules/index.ts'
import {planOf} from '../../rules/plan-of.ts'
import {byKernel, byRows, type Input} from './both-ways.ts'
import {someCsv} from './dirty-csv.ts'
import {someChunks, someLine, someShape, type Taste} from './dirty-data.ts'
import {accessLogPaths, logfmtPaths, someAccessLog, someLogfmt} from './dirty-logs.ts'
import {someCondition} from './fuzz-conditions.ts'
import {withFunctions} from './fuzz-functions.ts'
import {someSteps} from './fuzz-steps.ts'
import {someRecord} from './many-values.ts'

/** Those that conditions and transforms are about come first. */
export const jsonPaths = [
  'a',
  'b',
  'n',
  'u',
  'price',
  'u.x',
  'u.y',
  'a.b',
  'u.x.deep',
  'missing',
  '__proto__',
  'constructor',
  'ü',
  'long_member_name_of_more_than_sixteen_bytes',
]

const flatPaths = ['a', 'b', 'n', 'u', 'price', 'u.x', 'a.b', 'missing', '__proto__', 'constructor', 'ü']
const numberedPaths = ['0', '1', '2', '3', '4', '5', '17', 'a', '01']

export interface Case {
  readonly plan: Plan
  readonly kernelPlan: KernelPlan
  readonly input: Input
  readonly lineCount: number
}

export function caseOf(seed: number): Case {
  const random = seededRandom(seed)
  const taste = random.pick<Taste>([
    {oddness: 0, brokenness: 0},
    {oddness: 0.05, brokenness: 0.01},
    {oddness: 0.3, brokenness: 0.05},
    {oddness: 0.6, brokenness: 0.3},
  ])
  const format = random.pick(['json', 'json', 'csv', 'csv', 'logfmt', 'common-log', 'combined-log'] as const)
  switch (format) {
    case 'json': {
      const plans = supportedPlan(random, format, jsonPaths)
      const shapes = Array.from({length: 1 + random.int(3)}, () => someShape(random, taste))
      // Where all lines are clean, the kernel and the row path can be compared to the byte.
      const variedShare = random.int(8) === 0 ? random.pick([0.9, 1]) : 0
      const line = (): Uint8Array =>
        random.next() < variedShare ? someRecord(random) : someLine(random, random.pick(shapes), taste)
      return lineCase(random, plans, line, variedShare > 0 ? 300 : undefined)
    }
    case 'csv':
      return csvCase(random, taste)
    case 'logfmt':
      return lineCase(random, supportedPlan(random, format, logfmtPaths), someLogfmt(random, taste))
    default: {
      const line = someAccessLog(random, taste, format === 'combined-log')
      return lineCase(random, supportedPlan(random, format, accessLogPaths), line)
    }
  }
}

export function lineCase(
  random: Random,
  {plan, supported, resolve}: Supported,
  line: () => Uint8Array,
  count?: number,
): Case {
  const lineCount = count ?? random.pick([1, 5, 40, 200])
  const pieces: Uint8Array[] = []
  const lineEnd = random.pick(['\n', '\n', '\r\n'])
  for (let index = 0; index < lineCount; index++) {
    pieces.push(line(), Buffer.from(index % 50 === 49 ? '\r\n' : lineEnd))
  }
  if (random.int(2) === 0) pieces.pop()
  return {plan, kernelPlan: supported, input: someInput(random, Buffer.concat(pieces), resolve), lineCount}
}

function csvCase(random: Random, taste: Taste): Case {
  const {format, bytes, names, lineCount} = someCsv(random, taste)
  const plans =
    random.int(3) === 0 ? planForBatches(random, format, names) : supportedPlan(random, format, pathsOf(format))
  const {plan, supported, resolve} = plans
  const input = someInput(random, bytes, resolve)
  const isNamed = input.isFirst === false && random.int(2) === 0
  return {plan, kernelPlan: supported, input: isNamed ? {...input, names} : input, lineCount}
}

function pathsOf({fields}: CsvOptions): readonly string[] {
  return fields === undefined ? numberedPaths : flatPaths
}

/** Keysets of columns that there are, with a condition or without: the kernel adds such records in batches, column by column. */
function planForBatches(random: Random, format: CsvOptions, names: readonly string[]): Supported {
  const present =
    format.fields === undefined
      ? names.map((_, index) => String(index))
      : names.filter(name => flatPaths.includes(name) && !name.includes('.'))
  const fields = present.length > 0 ? present : pathsOf(format)
  const keysets = Object.fromEntries(
    Array.from({length: 1 + random.int(2)}, (_, index) => [
      `k${index}`,
      {
        keyParts: [random.pick(fields)],
        valueParts: someValues(random, () => (random.int(6) === 0 ? 'missing' : random.pick(fields))),
      },
    ]),
  )
  const tested = fields.filter(name => /^[a-z]/.test(name))
  const condition =
    tested.length > 0 && random.int(2) === 0
      ? {partsPreprocess: [where(someCondition(random, {fields: tested, literals, transforms: named, depthMax: 2}))]}
      : {}
  const plan = planOf({name: 'fuzzed', format, params, keysets, ...condition} as RuleOptions)
  const supported = kernelPlan(plan, params)
  if ('reason' in supported) throw new Error(`not for the kernel: ${supported.reason}`)
  return {plan, supported}
}

function someInput(random: Random, bytes: Uint8Array, resolve: Input['resolve']): Input {
  const chunks = someChunks(random, bytes)
  return {
    chunks,
    ...(random.int(4) === 0 ? {secondPart: random.int(chunks.length + 1)} : {}),
    isFirst: random.int(2) === 0,
    isInPlace: random.int(3) === 0,
    // Code for usual lines is made at once, but for some.
    ...(random.int(4) === 0 ? {} : {usualBytes: 0}),
    params,
    ...(resolve === undefined ? {} : {resolve}),
    ...(random.int(8) === 0 ? {recordBytesMax: 20 + random.int(200)} : {}),
    ...(random.int(8) === 0 ? {budgetBytes: random.pick([1, 1, 300_000])} : {}),
    ...(random.int(3) > 0
      ? {codesFrom: random.pick([0, 0, 3]), cellsFrom: random.pick([0, 2, 1e9]), isCoded: random.int(2) === 0}
      : {}),
  }
}

/** Of every rule. */
const params = {p: '12.5'}

interface Supported {
  readonly plan: Plan
  readonly supported: KernelPlan
  readonly resolve?: Input['resolve']
}

export function supportedPlan(random: Random, format: RuleOptions['format'], paths: readonly string[]): Supported {
  if (random.int(4) === 0) return planForRecords(random, format, paths)
  for (;;) {
    const plan = planOf(someRule(random, format, paths))
    const supported = kernelPlan(plan, params)
    if (!('reason' in supported)) return {plan, supported}
    // Paths are random, so some go into what a step or transform changes.
    if (!/(transforms|sets|selects) .* and (reads|selects)|is listed twice/.test(supported.reason))
      throw new Error(`not for the kernel: ${supported.reason}`)
  }
}

/** Any plan, with functions or without, of which the kernel makes small records. */
function planForRecords(random: Random, format: RuleOptions['format'], paths: readonly string[]): Supported {
  const {rule, resolve} = withFunctions(random, someRule(random, format, paths), paths)
  const plan = planOf(rule)
  const supported = recordsPlan(plan, params)
  if ('reason' in supported) throw new Error(`not for the kernel: ${supported.reason}`)
  return {plan, supported, resolve}
}

const someTransforms = (random: Random): Transform[] =>
  Array.from({length: random.int(4) === 0 ? 2 : 1}, () => random.pick(transforms))

const transforms: readonly Transform[] = [
  ...[toInt, toInt, lower, upper, truncateIp, urlHost, day(), hour(), minute(), week()],
  ...[day({unit: 's'}), hour({unit: 'ms'}), minute({unit: 'us'}), week({unit: 'ns'})],
  ...[hour({zone: 'Europe/Berlin'}), minute({zone: 'Asia/Kathmandu'}), week({zone: 'America/New_York', unit: 's'})],
  ...[toFloat, alphanumeric, trimTo(3), padInt(5, '0'), extract('([0-9]+)'), replace('e', '\u0001')],
]

function someRule(random: Random, format: RuleOptions['format'], paths: readonly string[]): RuleOptions {
  const keysets = Object.fromEntries(
    Array.from({length: 1 + random.int(3)}, (_, index) => [`k${index}`, someKeyset(random, paths)]),
  )
  const condition = someChain(random, paths, true)
  const changed =
    random.int(4) === 0
      ? {
          fieldTransforms: Object.fromEntries(
            paths.slice(random.int(3), 3).map(path => [path, someTransforms(random)]),
          ),
        }
      : {}
  return {name: 'fuzzed', format, params, keysets, ...condition, ...changed} as RuleOptions
}

/** Steps of the rule, or of a keyset. */
function someChain(random: Random, paths: readonly string[], isRule: boolean): Pick<RuleOptions, 'partsPreprocess'> {
  // Names that are numbers would be numbers in a condition.
  const fields = paths.filter(path => /^[a-z]/.test(path)).slice(0, 6)
  const condition = (): string => someCondition(random, {fields, literals, transforms: named, depthMax: 2})
  switch (random.int(5)) {
    case 0:
      return {partsPreprocess: [where(condition())]}
    case 1:
      return {partsPreprocess: someSteps(random, {paths, countMax: 3, mayExpand: isRule, condition})}
    default:
      return {}
  }
}

const literals = [
  '""',
  "'x'",
  "'size'",
  "'true'",
  "'false'",
  "'1'",
  "'12.5'",
  "'-0'",
  "' 7 '",
  "'zzz'",
  "'日本語'",
  '0',
  '1',
  '7',
  '-1',
  '12.5',
  '0.1',
  '123456.789',
  '1e21',
  "'9007199254740993'",
  'true',
  'false',
  'null',
]

/** In conditions. */
const named = ['lower', 'toInt', 'day', 'urlHost']

function someValues(random: Random, path: () => string): RuleOptions['valueParts'] {
  const makers: readonly ((field: string) => Aggregate)[] = [
    ...[sum, count, avg, min, max, stddev],
    field => first(field, {by: path()}),
    field => last(field, {by: path()}),
    field => distinct(field, {exactUpTo: random.pick([1, 3, 9, 20, 10_000])}),
    field => quantile(field, random.pick([0, 0.5, 0.95, 1])),
    field => topK(field, 1 + random.int(5)),
    field => histogram(field, random.pick([[0], [-1, 0.1, 12.5, 1e9], [5e-324, 1, 1.5, 7, 10, 100, 123456.789]])),
    field => collect(field, {max: random.pick([1, 2, 5, 100])}),
  ]
  const columns: [string, Aggregate][] = Array.from({length: random.int(4)}, (_, index) => [
    `v${index}`,
    random.pick(makers)(path()),
  ])
  // Names alone are sums, and `count` is 1 where it is absent.
  return columns.length === 0 || random.int(3) === 0 ? ['count', 'n'] : Object.fromEntries(columns)
}

function someKeyset(random: Random, paths: readonly string[]) {
  const path = (): string => (random.int(3) === 0 ? random.pick(paths) : random.pick(paths.slice(0, 6)))
  const keyParts: KeyPart[] = [...new Set(Array.from({length: random.int(4)}, path))]
  if (random.int(3) === 0)
    keyParts.push(from(path(), ...someTransforms(random).map(one => one as TransformStep)).as('derived'))
  const valueParts = someValues(random, path)
  const condition = someChain(random, paths, false)
  return {keyParts, valueParts, ...condition}
}

export interface Difference {
  readonly difference: string | undefined
  /** Lines that the kernel left, and records that it made small, for the row path. */
  readonly passed: number
  readonly smallRecords: number
  /** Lines read by code made for usual ones. */
  readonly usual: number
}

/** @returns how the two differ, in words; undefined when they do not */
export function differenceOf(given: Case): Difference {
  const expected = byRows(given.plan, given.input)
  const {passed, smallRecords = 0, usual = 0, ...found} = byKernel(given.plan, given.kernelPlan, given.input)
  for (const part of ['rows', 'account', 'lines', 'bad'] as const) {
    if (!isDeepStrictEqual(found[part], expected[part])) {
      return {
        difference: `${part} differ\nrow path: ${show(expected[part])}\nkernel:   ${show(found[part])}`,
        ...{passed, smallRecords, usual},
      }
    }
  }
  // When the kernel did it all, even the runs are the same to the byte. It may write more of them, when a sum gets too large.
  const isComparable =
    passed === 0 &&
    given.input.budgetBytes === undefined &&
    found.runs.every((runs, table) => runs.length === expected.runs[table]!.length)
  if (isComparable && !isDeepStrictEqual(found.runs, expected.runs)) {
    return {difference: 'the runs differ', passed, smallRecords, usual}
  }
  return {difference: undefined, passed, smallRecords, usual}
}

function show(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'bigint' ? `${inner}n` : inner)).slice(0, 2000)
}

/** Tries cases of successive seeds, and says what came of them. */
export function tryCases(caseOf: (seed: number) => Case, caseCount: number, firstSeed: number): void {
  let lines = 0
  let passed = 0
  let smallRecords = 0
  let usual = 0
  for (let seed = firstSeed; seed < firstSeed + caseCount; seed++) {
    const given = caseOf(seed)
    const result = differenceOf(given)
    lines += given.lineCount
    passed += result.passed
    smallRecords += result.smallRecords
    usual += result.usual
    if (result.difference !== undefined) {
      console.error(`seed ${seed}: ${result.difference}`)
      process.exitCode = 1
      return
    }
    if ((seed - firstSeed + 1) % 10_000 === 0) console.error(`${seed - firstSeed + 1} cases, ${lines} lines`)
  }
  console.log(
    `${caseCount} cases from seed ${firstSeed}, ${lines} lines, ${passed} of them read by the row path, ${smallRecords} cut for it, ${usual} by code for usual lines: no difference`,
  )
}

if (import.meta.main) tryCases(caseOf, Number(process.argv[2] ?? 10_000), Number(process.argv[3] ?? 1))
