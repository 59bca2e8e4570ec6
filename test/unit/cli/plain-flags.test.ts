import {Parser} from '@oclif/core'
import {afterEach, expect, test, vi} from 'vitest'
import Query from '../../../commands/inferno/query.ts'
import Run from '../../../commands/inferno/run.ts'
import {type Random, seededRandom} from '../../../src/base/index.ts'
import type {ManifestCommand} from '../../../src/cli/manifest.ts'
import {plainFlags} from '../../../src/cli/plain-flags.ts'
import {plainRun} from '../../../src/cli/run-plain.ts'

/** What the build records of a command. */
function recorded(id: string, {flags, baseFlags}: typeof Query | typeof Run): ManifestCommand {
  const names = Object.entries({...baseFlags, ...flags})
  return {
    id,
    args: {},
    flags: JSON.parse(JSON.stringify(Object.fromEntries(names.map(([name, flag]) => [name, {...flag, name}])))),
  }
}

const query = recorded('inferno:query', Query)
const run = recorded('inferno:run', Run)

const pieces = [
  ...['-k', '--key', '-v', '--value', '--where', '--from', '--pattern', '-f', '--format', '-o', '--out', '--rows'],
  ...['--sample', '--engine', '--max-bad', '--threads', '--memory', '-q', '--quiet', '-e', '--json', '--unknown', '-x'],
  ...['-qk', '-kdomain', '--format=csv', '--', '-', '', '-1', '--no-quiet', '-P', '-i', '-w', '--dry-run', '-y'],
]
const words = [
  'csv',
  'table',
  'json',
  'auto',
  'row',
  '2',
  '0',
  '300',
  '1.5',
  '007',
  'a,b',
  'price > 5',
  'x.ndjson',
  ' ',
  'é',
]

function someLine(random: Random): string[] {
  const line: string[] = []
  for (let count = random.int(5); count > 0; count--)
    line.push(...(random.int(3) > 0 ? [random.pick(pieces), random.pick(words)] : [random.pick([...pieces, ...words])]))
  return line
}

async function byOclif(command: typeof Query | typeof Run, args: readonly string[]) {
  const {flags, argv, raw} = await Parser.parse([...args], {
    flags: {...command.baseFlags, ...command.flags},
    args: {},
    strict: false,
    enableJsonFlag: true,
  } as Parameters<typeof Parser.parse>[1])
  const typed = raw.flatMap(token => (token.type === 'flag' ? [token.flag] : []))
  return {words: argv, flags: {...flags}, typed: [...new Set(typed)]}
}

afterEach(() => vi.unstubAllEnvs())

const variables = {
  DISCO_INFERNO_THREADS: ['2', '0', '007', 'two', ''],
  DISCO_INFERNO_FORMAT: ['csv', 'xml', ''],
  DISCO_INFERNO_MEMORY: ['64MiB', '-1'],
  DISCO_INFERNO_MAX_BAD: ['3', '1%'],
  DISCO_INFERNO_ENGINE: ['row', 'fast'],
  DISCO_MASTER: ['http://127.0.0.1:1', ''],
  DISCO_HOME: ['/tmp/home'],
}

test.each([
  ['query', Query, query],
  ['run', Run, run],
] as const)('what is parsed of variables and a line of %s is what oclif parses', async (_, command, record) => {
  const random = seededRandom(12)
  let parsed = 0
  for (let count = 0; count < 2_000; count++) {
    const env: Record<string, string> = {}
    for (const [name, values] of Object.entries(variables)) if (random.int(3) === 0) env[name] = random.pick(values)
    for (const name of Object.keys(variables)) vi.stubEnv(name, env[name])
    const args = someLine(random)
    const plain = plainFlags(args, record, env)
    if (plain === undefined) continue
    parsed++
    expect(await byOclif(command, args), `${JSON.stringify(env)} ${args.join(' ')}`).toEqual(plain)
  }
  expect(parsed).toBeGreaterThan(100)
})

test.each([
  ['query', Query, query],
  ['run', Run, run],
] as const)('what is parsed of a line of %s is what oclif parses', async (_, command, record) => {
  const random = seededRandom(11)
  let parsed = 0
  for (let count = 0; count < 4_000; count++) {
    const args = someLine(random)
    const plain = plainFlags(args, record, {})
    if (plain === undefined) continue
    parsed++
    expect(await byOclif(command, args), args.join(' ')).toEqual(plain)
  }
  expect(parsed).toBeGreaterThan(300)
})

test.each([
  ['a flag that is not known', ['--keys', 'a']],
  ['a flag with its value behind an equals sign', ['--key=a']],
  ['a value that is not allowed', ['-k', 'a', '--format', 'xml']],
  ['a number out of bounds', ['-k', 'a', '--threads', '0']],
  ['a flag without its value', ['-k']],
  ['a flag twice', ['-k', 'a', '--where', 'a > 1', '--where', 'a > 2']],
  ['flags that exclude each other', ['--pattern', 'x']],
  ['a word that comes twice', ['-k', 'a', 'b', 'a']],
  ['JSON', ['-k', 'a', '--json']],
  ['help', ['--help']],
])('%s is left to oclif', (_, args) => {
  expect(plainFlags(args, query, {})).toBeUndefined()
})

test('a variable that has a value which is not allowed, or asks for JSON, is left to oclif', () => {
  expect(plainRun(query, ['-k', 'a'], {DISCO_INFERNO_THREADS: '2'})).toBeDefined()
  expect(plainRun(query, ['-k', 'a'], {DISCO_INFERNO_THREADS: 'two'})).toBeUndefined()
  expect(plainRun(query, ['-k', 'a', '--threads', '2'], {DISCO_INFERNO_THREADS: 'two'})).toBeDefined()
  expect(plainRun(query, ['-k', 'a'], {DISCO_INFERNO_CONTENT_TYPE: 'json'})).toBeUndefined()
})

test('run takes one rule; other commands are left to oclif', () => {
  expect(plainRun(run, ['clicks', '-i', 'a.json'], {})).toBeDefined()
  expect(plainRun(run, ['-i', 'a.json'], {})).toBeUndefined()
  expect(plainRun(run, ['clicks', 'more'], {})).toBeUndefined()
  expect(plainRun({...run, id: 'inferno:explain'}, ['clicks'], {})).toBeUndefined()
})
