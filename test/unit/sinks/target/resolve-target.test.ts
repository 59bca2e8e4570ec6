import {chmodSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, describe, expect, test} from 'vitest'
import {UserError} from '../../../../src/base/index.ts'
import {defineRule} from '../../../../src/rules/index.ts'
import {resolveTarget, sinkSpecOf, withoutSecrets} from '../../../../src/sinks/target/index.ts'

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, {recursive: true})
})

function fileWith(text: string, mode: number): string {
  const folder = mkdtempSync(join(tmpdir(), 'sink-target-'))
  folders.push(folder)
  const path = join(folder, 'address')
  writeFileSync(path, text)
  chmodSync(path, mode)
  return path
}

function refusal(spec: Parameters<typeof resolveTarget>[0], environment: Record<string, string> = {}): UserError {
  try {
    resolveTarget(spec, environment)
  } catch (error) {
    if (error instanceof UserError) return error
    throw error
  }
  throw new Error('it was taken')
}

describe('an address', () => {
  test('is shown without user, password, options, and the path of a webhook', () => {
    const names = [
      'postgres://ann:s%40cret@db.example:5433/stats?sslmode=require',
      'https://hooks.example/services/T0/B1/token?x=1',
      'sqlite:./stats.db',
    ].map(address => resolveTarget(address, {}).name)
    expect(names).toEqual(['postgres://db.example:5433/stats', 'https://hooks.example/…', 'sqlite:./stats.db'])
  })

  test('is one place however it is written, without its secrets', () => {
    const placeOf = (to: string, tablePrefix = '') => resolveTarget({to, tablePrefix}, {}).place
    expect(placeOf('sqlite:stats.db')).toBe(placeOf(`sqlite:${process.cwd()}/./stats.db`))
    expect(placeOf('sqlite:stats.db')).not.toBe(placeOf('sqlite:sub/stats.db'))
    expect(placeOf('postgresql://ann:s%40cret@db:5433/stats?x=1')).toBe('postgres://db:5433/stats')
    expect(placeOf('mariadb://bob:pw@db/stats')).toBe(placeOf('mysql://ann@db/stats'))
    expect(placeOf('csv:/out', 'test_')).toBe('csv:/out, tables test_…')
  })

  test('knows its secrets, encoded and not, whole and in parts', () => {
    const {secrets} = resolveTarget('https://ann:s%40cret@hooks.example/services/token?key=abcdef', {})
    const shown = withoutSecrets('s@cret s%40cret abcdef /services/token at hooks.example', secrets)
    expect(shown).toBe('… … … … at hooks.example')
  })

  test('takes variables inside, percent-encoded where it is a URL', () => {
    const environment = {WORD: 'p@ss/#', NAME: 'day 1'}
    expect(resolveTarget('mysql://ann:$WORD@db/stats', environment).address).toBe('mysql://ann:p%40ss%2F%23@db/stats')
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the sink's own braces
    expect(resolveTarget('sqlite:/tmp/${NAME}.db', environment).rest).toBe('/tmp/day 1.db')
  })

  test('comes from a variable or from a file that only its owner reads', () => {
    expect(resolveTarget('env:STATS', {STATS: ' csv:out '})).toMatchObject({scheme: 'csv', rest: 'out', mode: 'append'})
    expect(resolveTarget(`file:${fileWith('sqlite:a.db\n', 0o600)}`, {}).rest).toBe('a.db')
    expect(refusal(`file:${fileWith('sqlite:a.db', 0o640)}`)).toMatchObject({
      code: 'BAD_SINK',
      hint: expect.stringMatching(/^keep it to yourself with: chmod 600 /),
    })
    expect(refusal('file:/nowhere/at/all').message).toMatch(/there is no such file/)
  })

  test('names a variable that is not set, with the one that was meant', () => {
    expect(refusal('mysql://ann:$STATS_PASWORD@db/x', {STATS_PASSWORD: 'x'})).toMatchObject({
      message: 'the environment variable STATS_PASWORD, which the address of the sink names, is not set',
      hint: 'did you mean STATS_PASSWORD?',
    })
  })

  test.each([
    ['stats.db', 'Say what it is: sqlite:stats.db or csv:stats.db'],
    ['sqlit:stats.db', 'Did you mean "sqlite:"?'],
    ['postgres:stats', 'Write postgres://HOST/…'],
    ['sqlite:', 'A path or an address follows sqlite:'],
    ['env:not a name', 'The name of an environment variable follows env:'],
    ['postgres://ann:a/b@db/x', expect.stringMatching(/^Percent-encode/)],
  ])('refuses %s', (address, hint) => {
    expect(refusal(address)).toMatchObject({code: 'BAD_SINK', exitCode: 2, hint})
  })

  test('that is refused does not show its password', () => {
    for (const address of ['postgres://ann:secret/x@db/x', 'postgrs://ann:secret@db/x', 'redis://ann:secret@db']) {
      const {message, hint} = refusal(address)
      expect(`${message} ${hint}`).not.toContain('secret')
    }
  })

  test('has a mode that exists', () => {
    expect(refusal({to: 'csv:out', mode: 'repalce' as 'replace'}).message).toMatch(/Did you mean "replace"\?/)
  })
})

describe('the sink of a run', () => {
  const rule = defineRule({name: 'a', keyParts: ['x'], sink: {to: 'csv:rule', mode: 'replace', tablePrefix: 'p_'}})

  test('is the flag, then the rule, then the settings', () => {
    const settings = {sink: 'csv:settings'}
    expect(sinkSpecOf({to: 'csv:flag'}, rule, settings)).toEqual({to: 'csv:flag'})
    expect(sinkSpecOf({}, rule, settings)).toEqual({to: 'csv:rule', mode: 'replace', tablePrefix: 'p_'})
    expect(sinkSpecOf({}, defineRule({name: 'a', keyParts: ['x']}), settings)).toEqual({to: 'csv:settings'})
    expect(sinkSpecOf({}, defineRule({name: 'a', keyParts: ['x']}))).toBeUndefined()
  })

  test('takes its mode from the flag whichever it is', () => {
    expect(sinkSpecOf({mode: 'append'}, rule)).toEqual({to: 'csv:rule', mode: 'append', tablePrefix: 'p_'})
    expect(sinkSpecOf({to: 'csv:flag', mode: 'replace'}, rule)).toEqual({to: 'csv:flag', mode: 'replace'})
  })
})
