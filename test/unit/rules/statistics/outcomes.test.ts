import {expect, test} from 'vitest'
import {
  type ChunkFacts,
  compilePlan,
  day,
  defineRule,
  type FieldFacts,
  factsJson,
  hour,
  parseExpression,
  parseFacts,
  type RuleOptions,
  toInt,
  where,
  whyNoneUsed,
} from '../../../../src/rules/index.ts'

const seconds = (text: string): number => Date.parse(text) / 1000
const numbers = (min: number, max: number): FieldFacts => ({
  values: [],
  range: {type: 'number', min, max},
  isOptional: false,
})
const few = (...values: FieldFacts['values']): FieldFacts => ({values, isOptional: false})

function facts(fields: Record<string, FieldFacts>, ...names: string[]): ChunkFacts {
  return {fields: new Map(Object.entries(fields)), names: new Set([...Object.keys(fields), ...names])}
}

function why(options: Partial<RuleOptions>, known: ChunkFacts, params = {}) {
  const {plan} = compilePlan(defineRule({name: 'r', valueParts: ['count'], ...options} as RuleOptions))
  return whyNoneUsed(plan, known, params)
}

/** Whether a condition lets no record pass. */
const rulesOut = (condition: string, known: ChunkFacts, params = {}): boolean =>
  why({keyParts: ['site'], partsPreprocess: [where(condition)]}, known, params)?.reason === 'preprocess'

test('a comparison that no value of a range meets rules a chunk out', () => {
  const known = facts({time: numbers(10, 20)}, 'site')
  for (const [condition, isOut] of [
    ['time < 10', true],
    ['time < 11', false],
    ['time > 20', true],
    ['25 < time', true],
    ['time >= 20', false],
    ['time == 21', true],
    ['time == "25"', true],
    ['time == "15"', false],
    ['time != "x"', false],
    ['time in (1, 2, "30")', true],
    ['time in (1, 15)', false],
    ['not (time >= 10)', true],
    ['time >= 5 and time > 30', true],
    ['time > 30 or site == "a"', false],
    ['time > $from', true],
    ['time > $none', false],
  ] as const)
    expect(rulesOut(condition, known, {from: 20}), condition).toBe(isOut)
})

test('of a few values each is asked for, whatever the condition is', () => {
  const known = facts({site: few('news', 'shop'), status: few(200, '404', null)})
  for (const [condition, isOut] of [
    ['site == "blog"', true],
    ['site in ("blog", "shop")', false],
    ['site startsWith "b"', true],
    ['site ~ "^(?i)SH"', false],
    ['toInt(status) >= 500', true],
    ['toInt(status) >= 404', false],
    ['status + 1 > 300 and site == "shop"', false],
    ['exists status', false],
    ['status == null', false],
    ['site == null', true],
  ] as const)
    expect(rulesOut(condition, known), condition).toBe(isOut)
})

test('a field that is in no record is told by the list of names', () => {
  const known = facts({}, 'site', 'user.id')
  for (const [condition, isOut] of [
    ['exists debug', true],
    ['debug == 1', true],
    ['not exists debug', false],
    ['exists debug.level', true],
    ['exists site', false],
    ['exists site.name', false],
    ['exists user.id', false],
    ['exists user.name', true],
  ] as const)
    expect(rulesOut(condition, known), condition).toBe(isOut)
  expect(rulesOut('exists debug', {fields: new Map(), names: undefined})).toBe(false)
})

test('days and hours of times rule a chunk out, in any zone', () => {
  const known = facts({time: numbers(seconds('2026-10-25T00:10:00Z'), seconds('2026-10-25T01:50:00Z'))}, 'site')
  for (const [condition, isOut] of [
    ['day(time) >= "2026-10-26"', true],
    ['day(time) == "2026-10-25"', false],
    ['day(time) in ("2026-10-24", "2026-10-26")', true],
    ['day(time) in ("2026-10-24", "2026-10-25")', false],
    ['day(time, "America/New_York") == "2026-10-25"', true],
    // Clocks go back from 03:00 to 02:00 in between.
    ['minute(time, "Europe/Berlin") < "2026-10-25T02:00"', true],
    ['minute(time, "Europe/Berlin") < "2026-10-25T02:01"', false],
    ['minute(time, "Europe/Berlin") > "2026-10-25T02:58"', false],
    ['hour(time, "Europe/Berlin") > "2026-10-25T02"', true],
    ['week(time) != "2026-W43"', true],
    ['day(time, "UTC", "ms") == "2026-10-25"', true],
    ['day(site) == "2026-10-26"', false],
  ] as const)
    expect(rulesOut(condition, known), condition).toBe(isOut)
  const clock = facts({
    time: {
      values: [],
      range: {
        type: 'text',
        min: '0',
        max: 'x',
        times: {kind: 'clock', from: seconds('2026-10-25T00:00Z'), to: seconds('2026-10-25T23:59Z')},
      },
      isOptional: false,
    },
  })
  expect(rulesOut('day(time, "Asia/Tokyo") == "2026-10-26"', clock)).toBe(true)
  expect(rulesOut('day(time, "Asia/Tokyo") == "2026-10-25"', clock)).toBe(false)
})

test('numbers that count by their size say nothing of days where a larger unit begins between', () => {
  expect(rulesOut('day(time) == "1999-01-01"', facts({time: numbers(1e9, 1e12)}))).toBe(false)
  expect(rulesOut('day(time) == "1999-01-01"', facts({time: numbers(1e9, 2e9)}))).toBe(true)
})

test('a key part that no record has leaves all of them out, and is counted', () => {
  const known = facts({time: numbers(1, 2), debug: few(null)}, 'n')
  expect(why({keyParts: ['site']}, known)).toEqual({
    reason: 'key part missing',
    dropped: ['_default.site'],
    because: 'key site in no record',
  })
  expect(why({keyParts: [day('time'), 'debug']}, known)).toMatchObject({dropped: ['_default.debug']})
  expect(why({keyParts: ['site'], partsPreprocess: [where('time >= 1')]}, known)).toBeDefined()
  // Made of null it is there.
  expect(why({keyParts: ['debug'], fieldTransforms: {debug: toInt}}, known)).toBeUndefined()
  expect(why({keyParts: ['debug'], fieldTransforms: {debug: hour()}}, known)).toBeDefined()
})

test('where another reason may be counted instead, the records are read', () => {
  const known = facts({time: numbers(1, 2)}, 'n')
  for (const options of [
    {keyParts: ['n', 'site']},
    {keyParts: ['site'], partsPreprocess: [where('time >= 2')]},
    {keyParts: ['site'], partsPreprocess: [(parts: object) => parts]},
    {keyParts: ['site'], fieldTransforms: {n: (value: unknown) => value}},
    {
      keysets: {a: {keyParts: ['site'], valueParts: ['count']}, b: {keyParts: ['n'], valueParts: ['count']}},
      valueParts: undefined,
    },
    {keyParts: ['_keyset', 'n']},
    {keyParts: ['site'], mapFunction: 'x'},
  ])
    expect(why(options as Partial<RuleOptions>, known), JSON.stringify(options)).toBeUndefined()
})

test('of several keysets each leaves all records out, for its own reason', () => {
  const known = facts({time: numbers(1, 2)})
  const keysets = {
    a: {keyParts: ['site'], valueParts: ['count']},
    b: {keyParts: ['time'], valueParts: ['count'], partsPreprocess: [where('time > 9')]},
  }
  expect(why({keysets, valueParts: undefined} as never, known)).toEqual({
    reason: 'key part missing',
    dropped: ['a.site'],
    because: 'key site in no record; where time > 9',
  })
})

test('facts are read as they were written, and what is of another form is none', () => {
  const known = facts({
    a: {values: [null, 'x'], range: {type: 'number', min: 1, max: 2}, isOptional: true},
    b: {
      values: [],
      range: {type: 'text', min: '', max: 'b', times: {kind: 'zoned', from: 1, to: 2}},
      isOptional: false,
    },
  })
  expect(parseFacts(JSON.parse(JSON.stringify(factsJson(known))))).toEqual(known)
  for (const bad of [undefined, null, {}, [['time', 1, 2]], {fields: [['a', {min: 1}]]}, {fields: [], more: 1}])
    expect(parseFacts(bad)).toBeUndefined()
})

test('the salt of a pseudonym is not told', () => {
  const known = facts({site: few('a')})
  const condition = where('hashed(site, "secret") == "x"')
  expect(why({keyParts: ['site'], partsPreprocess: [condition]}, known)?.because).not.toContain('secret')
  expect(parseExpression('a').expression).toBe('field')
})
