import {mkdirSync, writeFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {Worker} from 'node:worker_threads'
import {expect, test} from 'vitest'
import {loadRuleModule} from '../../../src/worker/index.ts'
import {fileOf} from './runs.ts'

const rule = (name: string): string => `defineRule({name: '${name}', keyParts: ['k'], valueParts: ['count']})`
const imported = "import {defineRule} from 'disco-inferno'\n"

test('rules are collected from all exports, each once: the default first, the others as they stand', async () => {
  const source = `${imported}export const b = ${rule('b')}\nexport const a = ${rule('a')}\nexport default [${rule('c')}, b]\nexport const AUTORUN = true\n`
  const module = await loadRuleModule(fileOf(source, 'my.rules.ts'))
  expect(module.rules.map(each => each.options.name)).toEqual(['c', 'b', 'a'])
  expect(module).toMatchObject({name: 'my.rules', isAutorun: true, source})
  expect(module.rules[1]!.definedAt).toEqual({file: module.file, line: 2})
})

test('a changed file, and a changed import of it, are read again', async () => {
  const file = fileOf(
    `${imported}import {name} from './name.ts'\nexport default defineRule({name, keyParts: ['k']})\n`,
    'rule.ts',
  )
  const name = join(dirname(file), 'name.ts')
  writeFileSync(name, "export const name: string = 'one'\n")
  const first = await loadRuleModule(file)
  expect(first.rules[0]!.options.name).toBe('one')
  expect(first.modulesRead).toEqual([file, name])
  writeFileSync(name, "export const name: string = 'two'\n")
  expect((await loadRuleModule(file)).rules[0]!.options.name).toBe('two')
})

test('packages beside the rule are found without a package.json, and kept between loads', async () => {
  const file = fileOf(
    `${imported}import words from 'words'\nimport data from './data.json' with {type: 'json'}\nexport default defineRule({name: words.name + data.n, keyParts: ['k']})\n`,
    'rule.ts',
  )
  const folder = join(dirname(file), 'node_modules/words')
  mkdirSync(folder, {recursive: true})
  writeFileSync(join(folder, 'index.js'), "module.exports = {name: require('./part.js')}\n")
  writeFileSync(join(folder, 'part.js'), "module.exports = 'packed'\n")
  writeFileSync(join(dirname(file), 'data.json'), '{"n": 1}')
  const module = await loadRuleModule(file)
  expect(module.rules[0]!.options.name).toBe('packed1')
  expect(module.modulesRead.slice(1).toSorted()).toEqual(
    [join(dirname(file), 'data.json'), join(folder, 'index.js'), join(folder, 'part.js')].toSorted(),
  )
})

test.each([
  ['a syntax error', 'const x = {\n  a: 1,,\n}\n', /does not load: SyntaxError[\s\S]*rule\.ts:2\n {4}a: 1,,\n {9}\^/],
  ['a missing import', "import './nowhere.ts'\n", /Cannot find module[\s\S]*nowhere/],
  ['a misspelt name of ours', "import {defineRul} from 'disco-inferno'\n", /defineRul/],
  ['an enum', `enum Colour { red }\n`, /enum/i],
  [
    'an error at load',
    `${imported}\nthrow new RangeError('too early')\n`,
    /RangeError: too early\n {2}at .*rule\.ts:3:/,
  ],
  [
    'a name without quotes',
    `${imported}\nconst part = price\n`,
    /ReferenceError: price is not defined\n {2}at .*rule\.ts:3:/,
  ],
  ['something thrown that is no error', `throw 'text'\n`, /it throws text/],
  ['no rule', `export default 5\n`, /exports no rule/],
])('%s is told with its place', async (_, source, message) => {
  await expect(loadRuleModule(fileOf(source, 'rule.ts'))).rejects.toMatchObject({
    code: 'RULE_FILE_BROKEN',
    message: expect.stringMatching(message),
  })
})

test.each([
  ["where('price >> 0')", 'BAD_EXPRESSION', 'the expression is wrong at column 8'],
  ["where('((((((lowr(price))))))')", 'BAD_EXPRESSION', 'there is no transform "lowr"'],
  ["hour('time', {zone: 'Europe/Berln'})", 'BAD_RULE', 'there is no time zone "Europe/Berln"'],
  ["lookup('a', {table: [{b: 1}], key: 'a', columns: ['b']})", 'BAD_RULE', 'lookup: row 1 of the table has no "a"'],
])('what a step refuses is told with the line that called it: %s', async (step, code, message) => {
  const file = fileOf(`import {hour, lookup, where} from 'disco-inferno'\n\nexport const step = ${step}\n`, 'rule.ts')
  await expect(loadRuleModule(file)).rejects.toMatchObject({
    code,
    message: expect.stringContaining(`${file}:3  ${message}`),
  })
})

test.each([
  ['export default price\n', "the name of a field is text, in quotes: 'price'"],
  ['export default [p95]\n', "import it: import {p95} from 'disco-inferno'"],
  ['from inferno.lib.rule import InfernoRule\nRULES = []\n', 'this looks like Python'],
  ['const x = {{\n', undefined],
])('%j has the hint %j', async (source, hint) => {
  await expect(loadRuleModule(fileOf(source, 'rule.ts'))).rejects.toMatchObject({
    hint: hint === undefined ? undefined : expect.stringContaining(hint),
  })
})

test('a syntax error of a JavaScript file has its place too', async () => {
  await expect(loadRuleModule(fileOf('export default [\n  1,,\n  }\n', 'rule.mjs'))).rejects.toMatchObject({
    message: expect.stringMatching(/rule\.mjs:3\n/),
  })
})

test('a file that is not there is told', async () => {
  await expect(loadRuleModule('/nowhere/rule.ts')).rejects.toMatchObject({code: 'RULE_NOT_FOUND', exitCode: 2})
})

test('a module of the program that is imported later is not loaded a second time', async () => {
  await loadRuleModule(fileOf(`${imported}export default ${rule('x')}\n`, 'rule.ts'))
  const helper = fileOf('globalThis.loads = (globalThis.loads ?? 0) + 1\n', 'helper.mjs')
  const worker = new Worker(
    `const {workerData, parentPort} = require('node:worker_threads')
    ;(async () => {
      const {loadRuleModule} = await import(workerData.loader)
      await import(workerData.helper)
      const module = await loadRuleModule(workerData.rule)
      await import(workerData.helper)
      parentPort.postMessage([module.rules[0].options.name, globalThis.loads])
    })()`,
    {
      eval: true,
      workerData: {
        loader: new URL('../../../src/worker/rule-loader.ts', import.meta.url).href,
        helper: `file://${helper}`,
        rule: fileOf(`${imported}export default ${rule('in a thread')}\n`, 'rule.ts'),
      },
    },
  )
  const answer = await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject))
  await worker.terminate()
  expect(answer).toEqual(['in a thread', 1])
})
