import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, expect, test, vi} from 'vitest'
import {loadSettings, type ParameterSources, resolveParameters} from '../../../src/client/index.ts'

const folder = mkdtempSync(join(tmpdir(), 'test-client-'))
afterAll(() => rmSync(folder, {recursive: true, force: true}))
const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text)
  return join(folder, name)
}
const resolve = (sources: Partial<ParameterSources>) =>
  resolveParameters({settings: {}, files: [], assignments: [], dataFile: undefined, ...sources})

test('settings < parameter files in order < -P in order', async () => {
  const sources = {
    settings: {params: {a: 'settings', b: 'settings', c: 'settings', d: 'settings'}},
    files: [file('one.yaml', 'b: one\nc: one\nd: one\n'), file('two.yaml', 'c: two\nd: two\n')],
    assignments: ['d=first', 'd=second'],
  }
  expect(await resolve(sources)).toEqual({a: 'settings', b: 'one', c: 'two', d: 'second'})
})

test('values are YAML: numbers, truth, lists, text; an empty one is empty text', async () => {
  const assignments = ['n=100', 't=true', 'l=[1, 2,]', 'x=a=b', 'e=', 'q="007"', 'm: {deep: 1}']
  expect(await resolve({assignments})).toEqual({n: 100, t: true, l: [1, 2], x: 'a=b', e: '', q: '007', m: {deep: 1}})
})

test('integers that no double holds keep their digits', async () => {
  const files = [file('long.yaml', 'ids: [12345678901234567890, 5]\n')]
  expect(await resolve({assignments: ['id=9007199254740993', 'n=5'], files})).toEqual({
    id: 9007199254740993n,
    n: 5,
    ids: [12345678901234567890n, 5],
  })
})

test('lines of the data file keep their ends', async () => {
  expect(await resolve({dataFile: file('data.txt', 'a\nb\r\nc')})).toEqual({dataFile: ['a\n', 'b\r\n', 'c']})
})

test.each([
  [{files: ['/nowhere.yaml']}, /cannot read the parameter file/],
  [{dataFile: '/nowhere.txt'}, /cannot read the data file/],
  [{files: [file('list.yaml', '- 1\n')]}, /not a mapping/],
  [{files: [file('broken.yaml', 'a: [1\n')]}, /is not YAML/],
  [{assignments: ['just words']}, /not a mapping/],
  [{assignments: ['a=[1']}, /value of -P a is not YAML/],
])('%j is an error', async (sources, message) => {
  await expect(resolve(sources)).rejects.toThrow(
    expect.objectContaining({code: 'BAD_PARAMETERS', exitCode: 2, message: expect.stringMatching(message)}),
  )
})

test('settings come from the file that is named, or the first that is there', async () => {
  const home = join(folder, 'home')
  mkdirSync(join(home, '.config/disco-inferno'), {recursive: true})
  vi.stubEnv('HOME', home)
  vi.stubEnv('XDG_CONFIG_HOME', undefined)
  expect(await loadSettings(undefined)).toEqual({})
  writeFileSync(join(home, '.config/disco-inferno/settings.yaml'), 'threads: 2\n')
  expect(await loadSettings(undefined)).toEqual({threads: 2})
  writeFileSync(join(home, '.inferno'), 'rulesDirectory: mine\nmemory: 1GB\nparams: {a: 1}\n')
  expect(await loadSettings(undefined)).toEqual({rulesDirectory: join(home, 'mine'), memory: '1GB', params: {a: 1}})
  expect(await loadSettings(file('own.yaml', 'threads: 5\n'))).toEqual({threads: 5})
  vi.unstubAllEnvs()
})

test.each([
  ['/nowhere.yaml', /cannot read the settings file/],
  [file('unknown.yaml', 'thread: 1\n'), /no setting "thread". Did you mean "threads"/],
  [file('wrong.yaml', 'threads: 0\n'), /threads/],
])('settings %s are refused', async (path, message) => {
  await expect(loadSettings(path)).rejects.toThrow(
    expect.objectContaining({code: 'BAD_PARAMETERS', exitCode: 2, message: expect.stringMatching(message)}),
  )
})

test('a number that would not print as it was typed stays text', async () => {
  const assignments = ['zip=01234', 'price=1.50', 'id=1234567890123456789', 'least=10', 'share=0.5']
  expect(await resolveParameters({settings: {}, files: [], assignments, dataFile: undefined})).toEqual({
    zip: '01234',
    price: '1.50',
    id: 1234567890123456789n,
    least: 10,
    share: 0.5,
  })
})
