import {PassThrough} from 'node:stream'
import {expect, test} from 'vitest'
import {deliver, dryRun} from '../../../../src/project/run/index.ts'
import {loadRuleModule} from '../../../../src/worker/index.ts'
import {fileOf, runFile, runFolders, startFile} from '../../worker/runs.ts'

const input = fileOf(
  Array.from({length: 300}, (_, index) => `{"k":"k${index % 7}","v":0.1,"id":9007199254740993}\n`).join(''),
)
const nested = (before: string, body: string): string =>
  fileOf(
    `import {defineRule} from 'disco-inferno'\n${before}\nexport default defineRule({name: 'outer', ${body}})\n`,
    'rule.ts',
  )
const inner = (name: string, more = ''): string =>
  `defineRule({name: '${name}', keyParts: ['k', 'id'], valueParts: ['count', 'v'], ${more}})`

test('an outer rule sums what inner ones counted, with full precision and the keyset names of the inner ones', async () => {
  const file = nested(
    `const a = ${inner('a')}\nconst b = ${inner('b', "partsPreprocess: [parts => parts.k === 'k1' ? parts : null]")}`,
    `sourceTags: [a, b, a], keyParts: ['id', 'from'], valueParts: ['count', 'v'], partsPreprocess: [parts => ({...parts, from: parts._keyset})]`,
  )
  const notes: string[] = []
  const {csv} = await runFile(file, [input], {onNote: note => notes.push(note)})
  expect(csv).toBe('id,from,count,v\n9007199254740993,_default,643,64.3\n')
  expect(notes).toHaveLength(2)
})

test('inner rules of one name do not mix, and run where they are read', async () => {
  const file = nested(
    `const a = ${inner('same', "partsPreprocess: [parts => ({...parts, k: 'a'})]")}\nconst b = ${inner('same', "partsPreprocess: [parts => ({...parts, k: 'b'})]")}`,
    `sourceTags: [a, b], keyParts: ['k'], valueParts: ['count']`,
  )
  expect((await runFile(file, [input])).csv).toBe('k,count\na,300\nb,300\n')
})

test('an inner rule without rows is an empty input', async () => {
  const file = nested(
    `const a = ${inner('a', 'partsPreprocess: [() => null]')}`,
    `sourceTags: [a], keyParts: ['k'], valueParts: ['count']`,
  )
  expect(await runFile(file, [input])).toMatchObject({csv: '', account: {in: 0}})
})

test('an inner rule that fails stops the others and the whole', async () => {
  const file = nested(
    `const slow = ${inner('slow', 'partsPreprocess: [() => { for (;;) {} }]')}\nconst bad = ${inner('bad', 'partsPreprocess: [() => 5]')}`,
    `sourceTags: [slow, bad], keyParts: ['k'], valueParts: ['count']`,
  )
  const before = runFolders()
  await expect(runFile(file, [input])).rejects.toMatchObject({code: 'BAD_RULE'})
  expect(runFolders()).toEqual(before)
})

test('standard input cannot feed two inner rules', async () => {
  const file = nested(
    `const a = ${inner('a')}\nconst b = ${inner('b')}`,
    `sourceTags: [a, b], keyParts: ['k'], valueParts: ['count']`,
  )
  await expect(runFile(file, ['-'])).rejects.toMatchObject({
    code: 'BAD_FLAG',
    message: expect.stringContaining('several rules: a, b'),
  })
})

test('cleanup and processors of inner rules run after the outer rows were delivered, each once', async () => {
  const file = nested(
    `export const log = globalThis.nestedLog = []
    const a = ${inner('a', `ruleCleanup: () => { log.push('clean a') }, resultProcessor: async rows => { for await (const [key] of rows) log.push(key[1]) }`)}`,
    `sourceTags: [a], keyParts: [], valueParts: ['count'], ruleCleanup: ({jobId}) => { log.push(jobId.replace(/@.*/, '')) }`,
  )
  const run = await startFile(file, [input])
  const stream = new PassThrough()
  await deliver(run, stream, {
    format: undefined,
    defaultFormat: 'csv',
    out: undefined,
    signal: new AbortController().signal,
  })
  await run.cleanUp()
  run.close()
  expect(String(stream.read())).toBe('count\n300\n')
  expect((globalThis as {nestedLog?: unknown}).nestedLog).toEqual([
    'k0',
    'k1',
    'k2',
    'k3',
    'k4',
    'k5',
    'k6',
    'clean a',
    'outer',
  ])
})

test('a dry run names the inputs of the innermost rules and what runs first', async () => {
  const file = nested(`const a = ${inner('a')}`, `sourceTags: [a], keyParts: ['k'], valueParts: ['count']`)
  const module = await loadRuleModule(file)
  expect(dryRun({module, rule: module.rules[0]!, index: 0, keyset: undefined}, [input], {})).toMatchObject({
    rule: 'rule.outer',
    innerRules: ['a'],
    inputs: [{name: input, compression: 'none'}],
    keysets: [{name: '_default', columns: ['k', 'count']}],
  })
})
