import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, afterEach, expect, test, vi} from 'vitest'
import {nodeOptions} from '../../../src/cli/disco/node-options.ts'
import {openRuleSink} from '../../../src/cli/rule-sink.ts'
import {settingsText, shownSettings} from '../../../src/cli/show-settings.ts'
import {defineRule} from '../../../src/rules/index.ts'

const folder = mkdtempSync(join(tmpdir(), 'settings-effects-'))
afterAll(() => rmSync(folder, {recursive: true, force: true}))
afterEach(() => vi.unstubAllEnvs())

const settings = {sink: {to: `csv:${join(folder, 'usual')}`, tablePrefix: 'log_'}}

async function sinkName(options: object, flags: {to?: string; format?: string} = {}): Promise<string | undefined> {
  const rule = defineRule({name: 'r', keyParts: ['site'], valueParts: ['n'], ...options})
  const source = {rule, module: 'm', address: null}
  const sink = await openRuleSink(source, flags, settings, {isDryRun: true})
  await sink?.close()
  return sink?.name
}

test('the sink of the settings is for rules that do not say where their rows go', async () => {
  const own = `csv:${join(folder, 'own')}`
  expect(await sinkName({})).toBe(settings.sink.to)
  expect(await sinkName({sink: own})).toBe(own)
  expect(await sinkName({}, {to: own})).toBe(own)
  expect(await sinkName({}, {format: 'csv'})).toBeUndefined()
  expect(await sinkName({resultProcessor: async () => undefined})).toBeUndefined()
})

test('inferno settings shows what holds, where it was said, and no secret', async () => {
  vi.stubEnv('DISCO_INFERNO_THREADS', '8')
  const path = join(folder, 'settings.yaml')
  writeFileSync(path, 'memory: 1GiB\ncluster:\n  token: abcdef\nparams: {id: 12345678901234567890}\n', {mode: 0o600})
  const shown = await shownSettings(path)
  const about = (name: string) => shown.find(setting => setting.name === name)
  expect(about('threads')).toMatchObject({value: 8, from: 'environment', where: 'DISCO_INFERNO_THREADS'})
  expect(about('memory')).toMatchObject({value: '1GiB', from: 'file', where: `${path}:1`, flag: '--memory'})
  expect(about('cluster.token')).toMatchObject({value: '(hidden)', where: `${path}:3`})
  expect(about('engine')).toMatchObject({value: null, from: 'default', where: null, default: 'auto'})
  const text = settingsText(shown)
  expect(text).toMatch(/^engine +auto +default$/m)
  expect(text).toContain('12345678901234567890')
  expect(text).not.toContain('abcdef')
})

test('--partials bounds what an agent keeps of scanned blobs; zero is a size', () => {
  const flags = {home: folder, host: '127.0.0.1', port: 0, insecure: false, drain: 10, 'log-level': 'info'}
  const bytes = (partials?: string) =>
    nodeOptions({...flags, partials}, {isMaster: false, isAgent: true}, '1').partialsBytesMax
  expect([bytes('64MiB'), bytes('0'), bytes()]).toEqual([64 * 1024 * 1024, 0, undefined])
  expect(() => bytes('much')).toThrow(/--partials: "much" is not a size/)
})
