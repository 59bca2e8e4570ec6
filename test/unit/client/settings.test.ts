import {chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, afterEach, describe, expect, test, vi} from 'vitest'
import {loadSettings, readSettings, type SettingRow, settingRows, shownValue} from '../../../src/client/index.ts'

const folder = mkdtempSync(join(tmpdir(), 'test-settings-'))
afterAll(() => rmSync(folder, {recursive: true, force: true}))
afterEach(() => vi.unstubAllEnvs())

/** A settings file of its own. */
function file(text: string, mode = 0o600): string {
  const path = join(folder, 'settings.yaml')
  writeFileSync(path, text)
  chmodSync(path, mode)
  return path
}

const row = (name: string): SettingRow => settingRows.find(candidate => candidate.name === name)!

/** One good value of each setting, as YAML has it. */
const everything = {
  rulesDirectory: '/srv/rules',
  params: {country: 'CA'},
  threads: 4,
  memory: '1GiB',
  engine: 'clickhouse=http://ann:secret@db:8123/logs',
  clickhouse: {s3AccessKey: 'AKIA', s3SecretKey: 'abc'},
  maxBad: '1%',
  format: 'json',
  out: '/srv/out',
  cache: false,
  sink: {to: 'sqlite:rows.db', mode: 'add', tablePrefix: 'log_'},
  cluster: {master: 'https://m:8989', home: '/srv/home', token: 'abcdef', ca: '/etc/ca.pem'},
  daemon: {state: '/srv/state', concurrent: 3, catchUp: 'skip', grace: 5, historyDays: 30},
  notify: {
    mailServer: 'smtps://user:pass@mail:465',
    mailFrom: 'me@example.com',
    pagerdutyKey: 'key',
    pagerdutyUrl: 'https://pd.example.com',
    webhook: 'https://hooks.example.com/T0',
    webhookFormat: 'slack',
  },
}

describe('a file', () => {
  test('may say all that the table has, and it is what is read', async () => {
    expect(await loadSettings(file(JSON.stringify(everything)))).toEqual(everything)
    const names = (await readSettings(file(JSON.stringify(everything)))).map(setting => setting.row.name)
    expect(names).toEqual(settingRows.map(({name}) => name))
  })

  test('names a sink in one word, and says nothing with a name that has no value', async () => {
    const text = 'sink: sqlite:rows.db\nthreads:\ncluster:\n  master: ~\n'
    expect(await loadSettings(file(text))).toEqual({sink: {to: 'sqlite:rows.db'}})
    expect(await loadSettings(file(''))).toEqual({})
  })

  test('takes sizes and shares as numbers, too', async () => {
    expect(await loadSettings(file('memory: 67108864\nmaxBad: 100\n'))).toEqual({memory: '67108864', maxBad: '100'})
  })

  test('names paths from its own folder, and from home', async () => {
    vi.stubEnv('HOME', '/home/me')
    const text = 'rulesDirectory: rules\nout: ~/out\ncluster: {token: file:token}\nsink: sqlite:rows.db\n'
    expect(await loadSettings(file(text))).toEqual({
      rulesDirectory: join(folder, 'rules'),
      out: '/home/me/out',
      cluster: {token: `file:${join(folder, 'token')}`},
      sink: {to: 'sqlite:rows.db'},
    })
  })

  test.each([
    ['threads: 2\nthread: 1\n', /settings\.yaml:2: there is no setting "thread"\. Did you mean "threads"\?$/],
    ['a: 1\nnotify:\n', /settings\.yaml:1: there is no setting "a"\.$/],
    [
      'notify:\n  mailFrom: a\n  mailServr: b\n',
      /:3: there is no setting "notify\.mailServr"\. Did you mean "notify\.mailServer"\?$/,
    ],
    ['concurrent: 3\n', /:1: there is no setting "concurrent"\. Did you mean "daemon\.concurrent"\?$/],
    ['mail_from: me\n', /:1: there is no setting "mail_from"$/],
    ['\n\nthreads: many\n', /:3: threads: expected a whole number from 1 to 256$/],
    ['threads: 0\n', /:1: threads: expected a whole number from 1 to 256$/],
    ['threads: 257\n', /:1: threads: expected/],
    ['threads: 1.5\n', /:1: threads: expected/],
    ['cache: maybe\n', /:1: cache: expected true or false$/],
    ['engine: fast\n', /:1: engine: expected auto, row or clickhouse=ADDRESS$/],
    ['memory: lots\n', /:1: memory: expected a size like 512MiB$/],
    ['maxBad: few\n', /:1: maxBad: expected a number like 100 or a share like 0\.5%$/],
    ['maxBad: 1.5\n', /:1: maxBad: expected/],
    ['params: [1]\n', /:1: params: expected names with values$/],
    ['daemon:\n  grace: -1\n', /:2: daemon\.grace: expected a whole number from 0$/],
    ['daemon: 3\n', /:1: daemon: expected names with values$/],
    ['notify:\n  mailFrom: 5\n', /:2: notify\.mailFrom: expected text$/],
    ['sink: 5\n', /:1: sink\.to: expected text$/],
    ['threads: 1\nthreads: 2\n', /is not YAML/],
    ['- threads\n', /is not a mapping/],
  ])('%j is refused with its line', async (text, message) => {
    await expect(loadSettings(file(text))).rejects.toThrow(
      expect.objectContaining({code: 'BAD_PARAMETERS', exitCode: 2, message: expect.stringMatching(message)}),
    )
  })

  test('with a name of Inferno is told the new one', async () => {
    const hint = 'it is called notify.pagerdutyKey now'
    await expect(loadSettings(file('pagerduty_api_key: x\n'))).rejects.toThrow(expect.objectContaining({hint}))
  })
})

describe('secrets', () => {
  test.each([
    'cluster: {token: abcdef}',
    'notify: {pagerdutyKey: abcdef}',
    'notify: {webhook: "https://hooks.example.com/T0"}',
    'notify: {mailServer: "smtp://user:pass@mail"}',
    'sink: postgres://me:pass@db/logs',
    'sink: https://hooks.example.com/T0',
  ])('are refused in a file that others may read: %s', async text => {
    const refusal = {code: 'BAD_PARAMETERS', message: expect.stringMatching(/:1: .* is a secret, and others may read/)}
    for (const mode of [0o640, 0o604]) {
      await expect(loadSettings(file(text, mode))).rejects.toThrow(expect.objectContaining(refusal))
    }
    expect(await readSettings(file(text, 0o600))).toHaveLength(1)
  })

  test.each([
    'cluster: {token: env:TOKEN}',
    'notify: {webhook: file:/etc/hook}',
    'notify: {mailServer: "mail.example.com:25"}',
    'sink: postgres://me:$PASSWORD@db/logs',
    'sink: sqlite:rows.db',
    'threads: 2',
  ])('may be named in a file that others may read: %s', async text => {
    expect(await readSettings(file(text, 0o644))).toHaveLength(1)
  })

  test.each([
    ['cluster.token', 'abcdef', '(hidden)'],
    ['cluster.token', 'env:TOKEN', 'env:TOKEN'],
    ['notify.mailServer', 'smtp://user:pass@mail:25', 'smtp://user:(hidden)@mail:25'],
    ['notify.mailServer', 'mail:25', 'mail:25'],
    ['sink.to', 'mysql://me:pass@db/logs?ssl=1&token=x', 'mysql://me:(hidden)@db/logs?ssl=1&token=(hidden)'],
    ['sink.to', 'mysql://me:p@ss@db/logs', 'mysql://me:(hidden)@db/logs'],
    ['sink.to', 'https://hooks.example.com/T0/B1', 'https://hooks.example.com/(hidden)'],
    ['sink.to', 'mysql://me:$PASSWORD@db/logs', 'mysql://me:$PASSWORD@db/logs'],
    [
      'params',
      {country: 'CA', apiKey: 'x', db: {password: 'y', name: 'z'}},
      {country: 'CA', apiKey: '(hidden)', db: {password: '(hidden)', name: 'z'}},
    ],
  ])('of %s %j are shown as %j', (name, value, shown) => {
    expect(shownValue(row(name), value)).toEqual(shown)
  })
})

describe('the environment', () => {
  test('beats the file, name by name; what is empty says nothing', async () => {
    vi.stubEnv('DISCO_INFERNO_THREADS', '8')
    vi.stubEnv('DISCO_INFERNO_CACHE', 'no')
    vi.stubEnv('DISCO_INFERNO_MEMORY', '')
    vi.stubEnv('DISCO_INFERNO_WEBHOOK', 'https://hooks.example.com/T1')
    const path = file('threads: 2\nmemory: 1GB\nnotify: {mailFrom: me}\n')
    expect(await loadSettings(path)).toEqual({
      threads: 8,
      memory: '1GB',
      cache: false,
      notify: {mailFrom: 'me', webhook: 'https://hooks.example.com/T1'},
    })
    const origins = (await readSettings(path)).map(({row: {name}, origin}) => [name, origin])
    expect(origins).toEqual([
      ['threads', {type: 'environment', variable: 'DISCO_INFERNO_THREADS'}],
      ['memory', {type: 'file', path, line: 2}],
      ['cache', {type: 'environment', variable: 'DISCO_INFERNO_CACHE'}],
      ['notify.mailFrom', {type: 'file', path, line: 3}],
      ['notify.webhook', {type: 'environment', variable: 'DISCO_INFERNO_WEBHOOK'}],
    ])
  })

  test('with a wrong value is named', async () => {
    vi.stubEnv('DISCO_INFERNO_HISTORY_DAYS', 'ten')
    await expect(loadSettings(file(''))).rejects.toThrow(
      expect.objectContaining({
        code: 'BAD_SETTING',
        message: 'the environment variable DISCO_INFERNO_HISTORY_DAYS: expected a whole number from 1 to 3650',
      }),
    )
  })
})

test('the first file that is there is taken; one that is named must be there', async () => {
  const home = join(folder, 'home')
  mkdirSync(join(home, '.config/disco-inferno'), {recursive: true})
  vi.stubEnv('HOME', home)
  vi.stubEnv('XDG_CONFIG_HOME', undefined)
  writeFileSync(join(home, '.config/disco-inferno/settings.yaml'), 'threads: 2\n')
  expect(await loadSettings(undefined)).toEqual({threads: 2})
  writeFileSync(join(home, '.inferno'), 'threads: 3\n')
  expect(await loadSettings(undefined)).toEqual({threads: 3})
  await expect(loadSettings(join(folder, 'none.yaml'))).rejects.toThrow(/cannot read the settings file/)
})
