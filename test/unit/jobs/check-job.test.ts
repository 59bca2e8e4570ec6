import assert from 'node:assert/strict'
import {describe, expect, test} from 'vitest'
import {UserError} from '../../../src/base/index.ts'
import {
  assertJob,
  checkJob,
  compileJob,
  defineJob,
  formatJobProblems,
  isJob,
  type Job,
} from '../../../src/jobs/index.ts'

const map = (): undefined => undefined
const jobOf = (options: object): Job => ({
  kind: 'job',
  options: {name: 'a', map, ...options} as unknown as Job['options'],
})
const stagesOf = (...stages: object[]): Job =>
  ({
    kind: 'job',
    options: {
      name: 'a',
      stages: stages.map((stage, index) => ({name: `s${index}`, grouping: 'split', process: map, ...stage})),
    },
  }) as unknown as Job
const textOf = (job: Job): string => formatJobProblems(checkJob(job)).trim()

test('a definition is a job, whatever is wrong with it', () => {
  const job = defineJob({
    name: 'word-count',
    *map(line) {
      yield [line, 1]
    },
  })
  assert.ok(isJob(job) && !isJob({}) && !isJob(null))
  assert.deepEqual(checkJob(job), [])
})

test.each([
  ['a misspelt option', jobOf({reduces: map}), /^reduces: .*found an unknown option; Did you mean "reduce"\?/],
  [
    'no map',
    {kind: 'job', options: {name: 'a'}} as unknown as Job,
    /^map: expected a function \(record, context\), found nothing/,
  ],
  ['a name that is none', jobOf({name: 'a b'}), /^name: expected 1 to 100 letters.*found text "a b"/],
  [
    'a combine that is no function',
    jobOf({combine: 5, reduce: map}),
    /^combine: expected a function \(key, values, context\) that returns one value, found number 5/,
  ],
  ['combine without reduce', jobOf({combine: map}), /^combine: expected reduce or sort: true beside it/],
  ['sort: false beside reduce', jobOf({reduce: map, sort: false}), /^sort: .*groups are made by sorting/],
  ['no partitions', jobOf({partitions: 0}), /^partitions: expected a whole number from 1 to 100000, found number 0/],
  ['an unknown reader', jobOf({reader: 'cvs'}), /^reader: .*Did you mean "csv"\?/],
  [
    'a misspelt option of csv',
    jobOf({reader: {type: 'csv', field: ['a']}}),
    /^reader\.field: .*Did you mean "fields"\?/,
  ],
  [
    'an input that is none',
    jobOf({inputs: ['a', []]}),
    /^inputs\[1\]: expected text, or a list of addresses of one input, found an empty list/,
  ],
  ['a param that is no JSON', jobOf({params: {a: [{b: map}]}}), /^params\.a\.0\.b: expected JSON/],
  ['a file outside', jobOf({files: ['../secret']}), /^files\[0\]: expected a path below the folder/],
  ['a limit that is misspelt', jobOf({limits: {mem: 1}}), /^limits\.mem: .*Did you mean "memory"\?/],
  ['memory that is no size', jobOf({limits: {memory: 'lots'}}), /^limits\.memory: expected at least 134217728 bytes/],
  [
    'stages beside map',
    {kind: 'job', options: {name: 'a', map, stages: []}} as unknown as Job,
    /either map \(and reduce\), or stages/,
  ],
  [
    'no stages',
    {kind: 'job', options: {name: 'a', stages: []}} as unknown as Job,
    /^stages: expected a list of stages, found an empty list/,
  ],
  [
    'a stage without process',
    stagesOf({process: undefined}),
    /^stages\[0\]\.process: expected a function \(input, context\), found nothing/,
  ],
  ['an unknown grouping', stagesOf({grouping: 'group'}), /^stages\[0\]\.grouping: expected 'split', 'group-label'/],
  ['two stages of one name', stagesOf({name: 'x'}, {name: 'x'}), /both named "x"/],
  [
    'a merge of what is not sorted',
    stagesOf({}, {merge: true}),
    /^stages\[1\]\.merge: expected a stage before it that has sort: true/,
  ],
  ['a concurrent merge', stagesOf({sort: true}, {merge: true, concurrent: true}), /either merge or concurrent/],
])('%s is said with its place', (_what, job, expected) => {
  expect(textOf(job)).toMatch(expected)
})

test('all problems come at once, in one error', () => {
  assert.throws(
    () => assertJob(jobOf({partition: 1, partitions: -1, extra: 1}), 'jobs/a.ts'),
    (error: unknown) =>
      error instanceof UserError &&
      error.code === 'BAD_JOB' &&
      error.message.split('\n').length === 4 &&
      error.message.includes('jobs/a.ts'),
  )
})

describe('plans', () => {
  test('map and reduce are two stages, joined by label or, with one partition, all together', () => {
    const {plan, functions} = compileJob(jobOf({reduce: map}))
    assert.deepEqual(
      plan.stages.map(({name, grouping, isSorted, isMerged, partitions}) => [
        name,
        grouping,
        isSorted,
        isMerged,
        partitions,
      ]),
      [
        ['map', 'split', true, false, 8],
        ['reduce', 'group-label', false, true, null],
      ],
    )
    assert.deepEqual(
      functions.map(({body}) => body.type),
      ['map', 'reduce'],
    )
    assert.equal(compileJob(jobOf({reduce: map, partitions: 1})).plan.stages[1]!.grouping, 'group-all')
  })

  test('a map alone keeps the order of emission and one label', () => {
    const [stage, ...none] = compileJob(jobOf({})).plan.stages
    assert.deepEqual([stage!.isSorted, stage!.partitions, none], [false, null, []])
  })

  test('are JSON, with sizes in bytes and groupings in one spelling', () => {
    const {plan} = compileJob({
      kind: 'job',
      options: {
        name: 'a',
        inputs: ['x', ['y', 'z']],
        saveResults: true,
        limits: {memory: '1GiB'},
        stages: [{name: 's', grouping: 'group_node_label', process: map}],
      },
    })
    assert.deepEqual(JSON.parse(JSON.stringify(plan)), plan)
    assert.deepEqual(
      [plan.limits.memoryBytes, plan.stages[0]!.grouping, plan.inputs, plan.saveResults],
      [2 ** 30, 'group-node-label', [['x'], ['y', 'z']], ''],
    )
  })
})
