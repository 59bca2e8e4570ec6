/** Chunks that statistics rule out, against the row evaluator: what is not read would have given no rows and just that account. */
import {expect, test} from 'vitest'
import {seededRandom} from '../../../../src/base/index.ts'
import {chunkFacts} from '../../../../src/engine/index.ts'
import {
  compilePlan,
  day,
  defineRule,
  factsJson,
  hour,
  lower,
  type RuleOptions,
  toInt,
  urlHost,
  where,
} from '../../../../src/rules/index.ts'
import {accountOfUnused, unusedBy} from '../../../../src/worker/index.ts'
import {evaluate} from '../../engine/evaluate.ts'

/** Half a millisecond of processor time each. */
const caseCount = Number(process.env['STATISTICS_CASES'] ?? 4000)

const instants = Array.from({length: 24}, (_, index) => 1_792_886_400 + index * 3599)
const pools: readonly (readonly unknown[])[] = [
  instants,
  instants.map(seconds => seconds * 1000),
  instants.map(seconds => new Date(seconds * 1000).toISOString()),
  instants.map(seconds => new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' ')),
  [0, 1, -1.5, 2, 10, 9, 0.1, 1e300, 9007199254740991, -0],
  Array.from({length: 30}, (_, index) => index * 7),
  ['', '0', '1', '10', '9', ' 2 ', 'a', 'b', 'ab', 'true', 'é', '\u{1f600}', '\uffff', '1e300', '9007199254740993'],
  Array.from({length: 30}, (_, index) => `k${index}`),
  ['http://a.example/x', 'b.example', 'no url', ''],
  [null, true, false],
  ['a', 1, null],
  [[], {a: 1}, {x: null}, 'a'],
]
const names = ['a', 'b', 'c', 'd', 'b.x', '_keyset']
const literals = [
  '0',
  '9',
  '-1.5',
  '"9"',
  '"a"',
  '"b"',
  '"k17"',
  '""',
  'null',
  'true',
  '1e300',
  '1792900000',
  '1792900000000',
]
const days = ['"2026-10-24"', '"2026-10-25"', '"2026-10-26"', '"2026-10-25T01"', '"2026-10-25T02"', '"x"', 'null', '3']
const params = {
  p: 2,
  q: '9',
  big: 9007199254740993n,
  none: null,
  list: [1],
  nan: Number.NaN,
  yes: true,
  at: 1_792_900_000,
}

test(`${caseCount} chunks that are not read would have given no rows and the same account`, {
  timeout: 120_000,
}, async () => {
  const random = seededRandom(20_261_124)
  const pick = <T>(list: readonly T[]): T => random.pick(list)
  const chance = (share: number): boolean => random.next() < share
  const field = (): string => pick([...names.slice(0, 4), ...names, 'b.y', 'gone', 'gone.x'])
  const path = (): string => (chance(0.9) ? field() : `\`${field()}\``)
  const operator = (): string => pick(['==', '!=', '<', '<=', '>', '>='])
  const bucket = (): string => {
    const zone = pick(['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Pacific/Apia'])
    return `${pick(['day', 'hour', 'minute', 'week'])}(${path()}, "${zone}", "${pick(['auto', 'auto', 's', 'ms'])}")`
  }
  const value = (): string =>
    pick([path, path, path, () => pick(literals), () => `$${pick(Object.keys(params))}`, () => `${path()} + 1`])()
  const condition = (depth: number): string => {
    const kind = random.next()
    if (depth > 0 && kind < 0.35) return `(${condition(depth - 1)}) ${pick(['and', 'or'])} (${condition(depth - 1)})`
    if (depth > 0 && kind < 0.45) return `not (${condition(depth - 1)})`
    if (kind < 0.52) return `exists ${path()}`
    if (kind < 0.6) return `${path()} in (${pick(literals)}, ${pick(literals)})`
    if (kind < 0.64)
      return `${path()} ${pick(['startsWith', 'endsWith', 'contains', '~'])} "${pick(['a', 'k', '1', '9'])}"`
    if (kind < 0.7) return `${bucket()} in (${pick(days)}, ${pick(days)})`
    if (kind < 0.85) return `${bucket()} ${operator()} ${pick(days)}`
    if (kind < 0.88) return `${pick(['toInt', 'lower', 'urlHost'])}(${path()}) ${operator()} ${pick(literals)}`
    if (kind < 0.9) return path()
    return `${value()} ${operator()} ${value()}`
  }
  const keyset = () => ({
    keyParts: Array.from({length: 1 + random.int(2)}, () => {
      const name = pick([...names, 'gone'])
      return chance(0.2) ? pick([day, hour])(name, {as: `t${random.int(1000)}`}) : name
    }),
    valueParts: ['count'],
    ...(chance(0.3) ? {partsPreprocess: [where(condition(1))]} : {}),
  })
  const rule = (): Omit<RuleOptions, 'name'> => {
    const {partsPreprocess, ...only} = keyset()
    return {
      ...(chance(0.7) ? only : {keysets: {one: keyset(), two: keyset()}}),
      ...(chance(0.6) ? {partsPreprocess: Array.from({length: 1 + random.int(2)}, () => where(condition(2)))} : {}),
      ...(chance(0.2) ? {fieldTransforms: {[pick(names)]: pick([toInt, lower, urlHost, day()])}} : {}),
      ...(chance(0.1) ? {sort: false} : {}),
      params,
    } as Omit<RuleOptions, 'name'>
  }
  const found = {preprocess: 0, 'key part missing': 0}
  for (let round = 0, tried = 0; round < caseCount; tried++) {
    if (tried > caseCount * 40) throw new Error('too few chunks are ruled out')
    const kinds = names.map(() => ({values: pick(pools), share: pick([0, 1, 1, 1, 0.7])}))
    const records = Array.from({length: pick([1, 3, 25])}, () =>
      Object.fromEntries(
        names.flatMap((name, at) => (chance(kinds[at]!.share) ? [[name, pick(kinds[at]!.values)]] : [])),
      ),
    )
    const text = records.map(record => `${JSON.stringify(record)}\n`).join('')
    const facts = await chunkFacts(
      Buffer.from(text),
      names.filter(() => chance(0.8)),
      async () => undefined,
    )
    if (facts === undefined) throw new Error('every line is a record')
    const footer = {
      v: 1 as const,
      recordCount: records.length,
      // As the evaluator of tests counts them.
      rawBytes: text.length,
      statistics: {packedBytes: 0, facts: JSON.parse(JSON.stringify(factsJson(facts)))},
    }
    const options = duplicateFree(rule())
    if (options === undefined) continue
    const {plan} = compilePlan(defineRule({name: 'tested', ...options} as RuleOptions))
    const unused = unusedBy(footer, plan, params)
    if (unused === undefined) continue
    round++
    found[unused.reason]++
    const {rows, account} = evaluate(options, text)
    expect({rows, account}, `${JSON.stringify(plan)}\n${text}`).toEqual({rows: [], account: accountOfUnused(unused)})
  }
  expect(Math.min(...Object.values(found))).toBeGreaterThan(caseCount / 20)
})

/** Columns of a keyset have to have different names. */
function duplicateFree(options: Omit<RuleOptions, 'name'>): Omit<RuleOptions, 'name'> | undefined {
  const all = [options, ...Object.values(options.keysets ?? {})]
  const isFine = all.every(
    ({keyParts = []}) => new Set(keyParts.map(part => JSON.stringify(part))).size === keyParts.length,
  )
  return isFine ? options : undefined
}
