import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, afterEach, beforeEach, describe, expect, test, vi} from 'vitest'
import Daemon from '../../../commands/inferno/daemon.ts'
import Run from '../../../commands/inferno/run.ts'
import {applySettings} from '../../../src/cli/apply-settings.ts'
import {type SettingRow, settingRows} from '../../../src/client/index.ts'

const folder = mkdtempSync(join(tmpdir(), 'apply-settings-'))
const path = join(folder, 'settings.yaml')
afterAll(() => rmSync(folder, {recursive: true, force: true}))
beforeEach(() => {
  for (const {env} of settingRows) if (env !== undefined) vi.stubEnv(env, undefined)
})
afterEach(() => vi.unstubAllEnvs())

const known = {...Run.flags, ...Daemon.flags}

/** Flags of a command line, filled in from a settings file. */
async function filled(settings: string, flags: Record<string, unknown>, typed: readonly string[] = Object.keys(flags)) {
  writeFileSync(path, settings, {mode: 0o600})
  const all: Record<string, unknown> = {...flags, settings: path}
  await applySettings({flags: all, typed, known})
  delete all['settings']
  return all
}

describe('flags that nobody typed', () => {
  test('come from the file, also where they have a default', async () => {
    expect(await filled('threads: 4\nmemory: 1GiB\nmaxBad: 5\n', {memory: '512MiB', rows: 100}, [])).toEqual({
      threads: 4,
      memory: '1GiB',
      'max-bad': '5',
      rows: 100,
    })
  })

  test('come from the environment before the file', async () => {
    vi.stubEnv('DISCO_INFERNO_THREADS', '8')
    expect(await filled('threads: 4\n', {threads: 8}, [])).toEqual({threads: 8})
  })
})

test('what was typed stays, also when it is the default', async () => {
  const flags = {threads: 2, 'rules-directory': 'rules'}
  expect(await filled('threads: 4\nrulesDirectory: /srv/rules\n', flags)).toEqual(flags)
})

test('an engine of the settings is behind the rule: no flag is filled in with it', async () => {
  vi.stubEnv('DISCO_INFERNO_ENGINE', 'row')
  expect(await filled('engine: auto\n', {engine: 'row'}, [])).toEqual({})
  expect(await filled('engine: auto\n', {engine: 'row'})).toEqual({engine: 'row'})
})

test('a format of the environment is a preference, not what was asked for', async () => {
  vi.stubEnv('DISCO_INFERNO_FORMAT', 'json')
  expect(await filled('', {format: 'json'}, [])).toEqual({})
  expect(await filled('', {format: 'csv'})).toEqual({format: 'csv'})
})

describe('the token of the file', () => {
  const settings = 'cluster: {master: "http://a:1", token: abcdef}\n'

  test('goes with its master', async () => {
    expect(await filled(settings, {})).toEqual({master: 'http://a:1', token: 'abcdef'})
    expect(await filled(settings, {master: 'http://a:1'})).toEqual({master: 'http://a:1', token: 'abcdef'})
  })

  test('never goes to another master or home', async () => {
    expect(await filled(settings, {master: 'http://b:1'})).toEqual({master: 'http://b:1'})
    expect(await filled(settings, {home: '/other'})).toEqual({master: 'http://a:1', home: '/other'})
    vi.stubEnv('DISCO_MASTER', 'http://b:1')
    expect(await filled(settings, {master: 'http://b:1'}, [])).toEqual({master: 'http://b:1'})
  })

  test('may stand in a variable or a file', async () => {
    vi.stubEnv('MY_TOKEN', 'from a variable')
    expect(await filled('cluster: {token: env:MY_TOKEN}\n', {})).toEqual({token: 'from a variable'})
    writeFileSync(join(folder, 'token'), 'from a file\n', {mode: 0o600})
    expect(await filled('cluster: {token: file:token}\n', {})).toEqual({token: 'from a file'})
    writeFileSync(join(folder, 'open'), 'from a file\n', {mode: 0o644})
    await expect(filled('cluster: {token: file:open}\n', {})).rejects.toThrow(/others may read/)
  })
})

describe('the table of settings', () => {
  const flagOf = ({flag}: SettingRow) =>
    (
      known as Record<
        string,
        {env?: string; default?: unknown; options?: readonly string[]; min?: number; max?: number}
      >
    )[flag ?? '']
  const withFlag = settingRows.filter(row => row.flag !== undefined).map(row => [row.name, row] as const)

  test.each(withFlag)('says of %s what its flag says', (_, row) => {
    const flag = flagOf(row)
    expect(flag).toBeDefined()
    if (row.choices !== undefined) expect(row.choices.toSorted()).toEqual(flag?.options?.toSorted())
    if (flag?.env !== undefined) expect(flag.env).toBe(row.env)
    if (typeof flag?.default === 'string' || typeof flag?.default === 'number') {
      expect(String(flag.default)).toBe(row.default)
    }
    if (row.kind === 'integer') expect([flag?.min, flag?.max]).toEqual([row.min, row.max])
  })

  test('has every name and variable once', () => {
    const names = settingRows.map(({name}) => name)
    const variables = settingRows.flatMap(({env}) => env ?? [])
    expect(new Set(names).size).toBe(names.length)
    expect(new Set(variables).size).toBe(variables.length)
  })

  test('is the table of docs/settings.md', () => {
    const docs = readFileSync(join(import.meta.dirname, '../../../docs/settings.md'), 'utf8')
    const code = (text: string | undefined): string => (text === undefined ? '' : `\`${text}\``)
    for (const {name, env, flag, default: usual = '', meaning} of settingRows) {
      const flagText = code(flag === undefined ? undefined : `--${flag}`)
      expect(docs).toContain(`| ${code(name)} | ${usual} | ${code(env)} | ${flagText} | ${meaning} |`)
    }
  })
})
