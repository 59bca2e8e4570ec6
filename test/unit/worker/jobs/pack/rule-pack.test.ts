import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {deserialize} from 'node:v8'
import {afterAll, expect, test} from 'vitest'
import {where} from '../../../../../src/api.ts'
import {compilePlan, defineRule, type Params, type RuleOptions} from '../../../../../src/rules/index.ts'
import {packRule, type RuleAddress, type RulePackRequest, readPack, unpackJob} from '../../../../../src/worker/index.ts'
import {makePack} from '../../../../../src/worker/jobs/pack/write-pack.ts'

const folder = mkdtempSync(join(tmpdir(), 'rule-pack-'))
afterAll(() => rmSync(folder, {recursive: true}))

const stage = {isConcurrent: false, isMerged: false, isSorted: false, partitions: null}
const job: RulePackRequest['job'] = {
  version: 1,
  name: 'm.tested',
  description: '',
  stages: [
    {...stage, name: 'scan', grouping: 'split'},
    {...stage, name: 'merge', grouping: 'group-all'},
  ],
  inputs: [['blob://x']],
  mayMissInputs: true,
  reader: {type: 'bytes'},
  params: {},
  files: [],
  saveResults: null,
  limits: {memoryBytes: 1, sortBytes: 1, taskSeconds: 1, badRecords: null, slots: null, failures: null},
}

function requestOf(
  options: Partial<RuleOptions>,
  params: Params = {},
  address: RuleAddress | null = null,
): RulePackRequest {
  const rule = defineRule({name: 'tested', keyParts: ['k'], valueParts: ['count'], ...options} as RuleOptions)
  const {plan} = compilePlan(rule, {module: 'm'})
  const flags = {keepsBad: false, badMax: 3, usesCache: true, allowsMissing: false, rowsMachine: null}
  return {
    job,
    work: {plan, engine: 'auto', memoryBytes: 2 ** 20, ...flags},
    params,
    address,
    inputs: [{name: 'a', addresses: ['blob://x', 'http://y/'], bytes: 3, format: {format: 'json'}}],
  }
}

const ruleOf = async (request: RulePackRequest) => readPack((await packRule(request)).bytes).rule!

test('a plan without functions brings no code', async () => {
  const request = requestOf({}, {big: 2n, when: new Date(5), helper: () => 1})
  const pack = await packRule(request)
  const {kind, plan, rule, entries, jobFile} = readPack(pack.bytes, pack.hash)
  expect([kind, plan, entries, jobFile]).toEqual(['rule', job, [], ''])
  expect(rule).toMatchObject({work: {plan: request.work.plan, address: null, badMax: 3}, inputs: request.inputs})
  expect(deserialize(Buffer.from(rule!.work.params, 'base64'))).toEqual({big: 2n, when: new Date(5)})
  await unpackJob(pack.bytes, join(folder, 'unpacked'), pack.hash)
})

test('functions bring the modules and lookup files that loading the rule read, and say where the rule is', async () => {
  mkdirSync(join(folder, 'rules'))
  writeFileSync(join(folder, 'rules/helper.ts'), 'export const helper = (parts: object) => parts')
  writeFileSync(join(folder, 'rules/unused.ts'), '')
  const file = join(folder, 'rules/clicks.ts')
  writeFileSync(join(folder, 'rules/names.csv'), 'k,name\n1,one\n')
  writeFileSync(
    file,
    `import {defineRule, lookupFile} from 'disco-inferno'\nimport {helper} from './helper.ts'\nexport default defineRule({name: 'tested', keyParts: ['k'], valueParts: ['count'], partsPreprocess: [helper, lookupFile('k', {file: 'names.csv', base: import.meta.url, key: 'k', columns: ['name']})]})`,
  )
  const {bytes} = await packRule(requestOf({}, {}, {file, path: [0]}))
  const {entries, rule, jobFile} = readPack(bytes)
  expect(entries.map(({path}) => path)).toEqual(['job/clicks.ts', 'job/helper.ts', 'job/names.csv'])
  expect(rule?.work.address).toEqual({file: jobFile, path: [0]})
})

test('works have the same key when their partials are the same', async () => {
  const keyOf = async (...given: Parameters<typeof requestOf>) => (await ruleOf(requestOf(...given))).work.cacheKey
  const conditional = {partsPreprocess: [where('k > $least')]}
  const key = await keyOf(conditional, {least: 1, other: 1})
  expect(await keyOf(conditional, {least: 1, other: 2})).toBe(key)
  expect(await keyOf(conditional, {least: 2, other: 1})).not.toBe(key)
  expect(await keyOf({}, {least: 1})).not.toBe(key)
  const request = requestOf(conditional, {least: 1, other: 1})
  const of = async (more: object) => (await ruleOf({...request, work: {...request.work, ...more}})).work.cacheKey
  expect(await of({engine: 'row', memoryBytes: 2 ** 30, usesCache: false})).toBe(key)
  expect(await of({keepsBad: true})).not.toBe(key)
})

test('a pack that says one thing and holds another is refused', async () => {
  const rule = await ruleOf(requestOf({}))
  const code = {path: 'job/x.ts', content: Buffer.from('code')}
  const places = {jobFile: '', filesFolder: 'job'}
  const packs = [
    makePack({kind: 'rule', plan: job, rule: null, ...places}, []),
    makePack({kind: 'rule', plan: job, rule, ...places}, [code]),
    makePack({kind: 'rule', plan: job, rule: {...rule, inputs: []}, ...places}, []),
    ...[[], [[]], [[1]], [[0], [0]], [[0, 1]]].map(bundles =>
      makePack({kind: 'rule', plan: job, rule: {...rule, bundles}, ...places}, []),
    ),
    makePack({kind: 'rule', plan: job, rule, ...places, jobFile: 'job/x.ts'}, [code]),
    makePack({kind: 'functions', plan: job, rule, ...places, jobFile: 'job/x.ts'}, [code]),
    makePack({kind: 'functions', plan: job, rule: null, ...places}, []),
    makePack({kind: 'rule', plan: job, rule: {...rule, work: {...rule.work, plan: {version: 7}}}, ...places}, []),
  ]
  for (const {bytes} of packs) expect(() => readPack(bytes)).toThrow(expect.objectContaining({code: 'JOB_FILE_BROKEN'}))
})

test('a pack says which inputs a task takes together', async () => {
  expect(await ruleOf({...requestOf({}), bundles: [[0]]})).toMatchObject({bundles: [[0]]})
  expect(await ruleOf(requestOf({}))).not.toHaveProperty('bundles')
  const rule = await ruleOf(requestOf({}))
  const inputs = Array.from({length: 3}, () => rule.inputs[0]!)
  const isTaken = (bundles: number[][]): boolean => {
    const plan = {...job, inputs: bundles.map(() => ['blob://x'])}
    const {bytes} = makePack(
      {kind: 'rule', plan, rule: {...rule, inputs, bundles}, jobFile: '', filesFolder: 'job'},
      [],
    )
    try {
      return readPack(bytes).rule !== null
    } catch {
      return false
    }
  }
  expect(isTaken([[0, 2], [1]])).toBe(true)
  expect(isTaken([[2, 0], [1]])).toBe(false)
  expect(isTaken([[0, 1], [1]])).toBe(false)
  expect(isTaken([[0, 1], [3]])).toBe(false)
})

test('a pack without a kind is one of functions', () => {
  const {bytes} = makePack({plan: job, jobFile: 'job/x.ts', filesFolder: 'job'}, [
    {path: 'job/x.ts', content: Buffer.from('code')},
  ])
  expect(readPack(bytes)).toMatchObject({kind: 'functions', rule: null, jobFile: 'job/x.ts'})
})
