import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, expect, test} from 'vitest'
import {findRules, ruleFilesIn} from '../../../../src/project/run/index.ts'

const folder = mkdtempSync(join(tmpdir(), 'test-find-'))
afterAll(() => rmSync(folder, {recursive: true, force: true}))

const keyset = "{keyParts: ['k'], valueParts: ['count']}"
const file = (name: string, ...rules: string[]): void =>
  writeFileSync(join(folder, name), `import {defineRule} from 'disco-inferno'\nexport default [${rules.join(',\n')}]\n`)
file(
  'clicks.ts',
  `defineRule({name: 'sites', keysets: {by_day: ${keyset}, all: ${keyset}}})`,
  `defineRule({name: 'other', ...${keyset}})`,
)
file('clicks.eu.ts', `defineRule({name: 'sites', ...${keyset}})`)
file('dotted.ts', `defineRule({name: 'a', ...${keyset}})`, `defineRule({name: 'a.b', keysets: {c: ${keyset}}})`)
file('twins.ts', `defineRule({name: 'same', ...${keyset}})`, `defineRule({name: 'same', ...${keyset}})`)
file('bad.ts', `defineRule({name: 'bad', keyPart: ['k'], valueParts: ['count']})`)
for (const name of ['.hidden.ts', 'types.d.ts', 'clicks.test.ts', 'notes.md']) file(name)

const found = async (reference: string) =>
  (await findRules(reference, folder)).map(({module, rule, keyset: only}) => [module.name, rule.options.name, only])

test.each([
  [
    'clicks',
    [
      ['clicks', 'sites', undefined],
      ['clicks', 'other', undefined],
    ],
  ],
  ['clicks.sites', [['clicks', 'sites', undefined]]],
  ['clicks.sites.by_day', [['clicks', 'sites', 'by_day']]],
  ['clicks.eu.sites', [['clicks.eu', 'sites', undefined]]],
  ['dotted.a', [['dotted', 'a', undefined]]],
  ['dotted.a.b', [['dotted', 'a.b', undefined]]],
  ['dotted.a.b.c', [['dotted', 'a.b', 'c']]],
])('%s', async (reference, expected) => {
  expect(await found(reference)).toEqual(expected)
})

test('a path names its rule behind a colon', async () => {
  expect(await found(`${join(folder, 'clicks.ts')}:sites.all`)).toEqual([['clicks', 'sites', 'all']])
  expect(await found(join(folder, 'clicks.ts'))).toHaveLength(2)
})

test.each([
  ['click', /no rule module "click".*Did you mean "clicks"/],
  ['clicks.site', /has no rule "site".*Did you mean "sites"/],
  ['clicks.sites.by_dya', /clicks\.sites has no keyset "by_dya".*Did you mean "by_day"/],
  ['dotted.a.b.d', /dotted\.a\.b has no keyset "d"/],
])('%s is told with the nearest name and exit 2', async (reference, message) => {
  await expect(found(reference)).rejects.toMatchObject({
    code: 'RULE_NOT_FOUND',
    exitCode: 2,
    message: expect.stringMatching(message),
  })
})

test('a keyset without its rule is told with the whole name', async () => {
  await expect(found('clicks.by_day')).rejects.toMatchObject({hint: 'it is a keyset of a rule: clicks.sites.by_day'})
})

test('two rules of one name are refused, with their lines', async () => {
  await expect(found('twins')).rejects.toMatchObject({
    code: 'BAD_RULE',
    message: expect.stringMatching(/"same" \(lines 2 and 3\)/),
  })
})

test('a rule that is wrong is told', async () => {
  await expect(found('bad.bad')).rejects.toMatchObject({code: 'BAD_RULE', message: expect.stringContaining('keyParts')})
})

test('hidden files, declarations and tests are no rule modules', () => {
  expect(ruleFilesIn(folder).map(path => path.slice(folder.length + 1))).toEqual([
    'bad.ts',
    'clicks.eu.ts',
    'clicks.ts',
    'dotted.ts',
    'twins.ts',
  ])
  expect(() => ruleFilesIn('/nowhere')).toThrow(/there is no rules directory/)
})
