import {execFileSync} from 'node:child_process'
import {
  chmodSync,
  globSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import {afterEach, beforeEach, describe, expect, test} from 'vitest'
import {oneKernelBytesMax} from '../../src/worker/limits.ts'
import {projectRoot, runTool} from './launcher-run.ts'

let dir = ''
let input = ''
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'launcher-keeps-'))
  input = join(dir, 'input.ndjson')
  writeFileSync(input, '{"a":1}\n{"a":2}\n')
})
afterEach(() => rmSync(dir, {recursive: true}))

const run = (args: readonly string[]) => runTool(args, {env: {XDG_CACHE_HOME: join(dir, 'cache')}})
const query = () => run(['inferno', 'query', '-k', 'a', '-v', 'count', '--quiet', '--format', 'csv', input])
const kept = (): string[] => globSync('cache/disco-inferno/compiled/*/core-*.code*', {cwd: dir}).toSorted()
const answer = {exitCode: 0, stdout: 'a,count\n1,1\n2,1\n', stderr: ''}

describe('compiled code of the core', () => {
  test('is kept by the first query, and used as it is by the next', () => {
    expect(query()).toMatchObject(answer)
    const [file, ...rest] = kept()
    expect(rest).toEqual([])
    const before = statSync(join(dir, file!), {bigint: true})
    expect(query()).toMatchObject(answer)
    expect(statSync(join(dir, file!), {bigint: true}).mtimeNs).toBe(before.mtimeNs)
  })

  test('is kept for runs of rule files by the first of them, whatever the program is called', () => {
    const rule = join(dir, 'rule.mjs')
    writeFileSync(
      rule,
      "import {defineRule} from 'disco-inferno'\nexport default defineRule({name: 'r', keyParts: ['a'], valueParts: ['count']})\n",
    )
    const args = ['run', rule, '--quiet', '--format', 'csv', '--input', input]
    const link = join(dir, 'inferno')
    symlinkSync(join(projectRoot, 'bin/run.js'), link)
    query()
    for (const [program, words] of [
      [link, args],
      [join(projectRoot, 'bin/run.js'), ['inferno', ...args]],
    ] as const) {
      const env = {...process.env, XDG_CACHE_HOME: join(dir, 'cache')}
      expect(execFileSync(process.execPath, [program, ...words], {env, encoding: 'utf8'})).toBe(answer.stdout)
      expect(kept().map(file => file.replace(/^.*\.cjs\./, ''))).toEqual(['inferno-query.code', 'inferno-run.code'])
    }
  })

  test('is kept for itself by a query with threads, and read by its threads too', () => {
    // Enough for a thread; the lines are long, so that it is read in no time.
    const line = `${JSON.stringify({a: 1, filler: 'x'.repeat(500_000)})}\n`
    writeFileSync(input, line.repeat(Math.ceil((oneKernelBytesMax + 1) / line.length)))
    const reads = join(dir, 'reads.txt')
    const hook = join(dir, 'hook.cjs')
    writeFileSync(
      hook,
      `const fs = require('node:fs')
const {readFileSync} = fs
fs.readFileSync = (file, ...rest) => {
  if (String(file).endsWith('.code')) fs.appendFileSync(process.env.READS, require('node:worker_threads').threadId + ' ' + file.replace(/.*[.]cjs[.]/, '') + '\\n')
  return readFileSync(file, ...rest)
}`,
    )
    const env = {XDG_CACHE_HOME: join(dir, 'cache'), NODE_OPTIONS: `--require=${hook}`, READS: reads}
    const args = ['inferno', 'query', '-k', 'a', '-v', 'count', '--quiet', '--threads', '2', input]
    expect(runTool(args, {env}).exitCode).toBe(0)
    expect(kept().map(file => file.replace(/^.*\.cjs\./, ''))).toEqual(['inferno-query-with-thread.code'])
    const readersOf = (): string[] => {
      rmSync(reads, {force: true})
      expect(runTool(args, {env}).exitCode).toBe(0)
      return readFileSync(reads, 'utf8').trim().split('\n').toSorted()
    }
    // On a busy machine all may be scanned before the thread has begun, which then reads nothing.
    let readers = readersOf()
    for (let more = 0; more < 20 && readers.length < 2; more++) readers = readersOf()
    expect(readers).toEqual(['0 inferno-query-with-thread.code', '1 inferno-query-with-thread.code'])
  })

  test('is not kept by a command that does something else, fails or only helps', () => {
    expect(run(['completion', 'bash']).exitCode).toBe(0)
    expect(run(['inferno', 'run', 'nowhere.ts']).exitCode).not.toBe(0)
    expect(run(['disco', 'run', 'nowhere.ts']).exitCode).not.toBe(0)
    expect(run(['inferno', 'query', '--help']).exitCode).toBe(0)
    expect(kept()).toEqual([])
  })

  test('of builds that are gone is removed, the oldest first', () => {
    query()
    const own = join(dir, kept()[0]!)
    const folder = dirname(own)
    rmSync(own)
    const old = Array.from({length: 29}, (_, index) => join(folder, `core-${index}.cjs.inferno-run.code`))
    for (const [index, file] of old.entries()) {
      writeFileSync(file, '')
      utimesSync(file, 1000 + index, 1000 + index)
    }
    query()
    expect(kept().map(file => join(dir, file))).toEqual([own, ...old.slice(2)].toSorted())
  })

  test('that is damaged is made anew', () => {
    query()
    const file = join(dir, kept()[0]!)
    const whole = readFileSync(file)
    for (const damaged of [Buffer.alloc(0), whole.subarray(0, 5000), Buffer.alloc(whole.length)]) {
      writeFileSync(file, damaged)
      expect(query()).toMatchObject(answer)
      expect(readFileSync(file).length).toBeGreaterThan(damaged.length / 2)
      expect(readFileSync(file).equals(damaged)).toBe(false)
    }
  })

  test('that cannot be written is done without, and leaves nothing behind', () => {
    query()
    const file = join(dir, kept()[0]!)
    rmSync(file)
    const folder = join(file, '..')
    writeFileSync(join(folder, 'x'), '')
    chmodSync(folder, 0o500)
    try {
      expect(query()).toMatchObject(answer)
      // The superuser may write anywhere.
      if (process.getuid?.() !== 0) expect(kept()).toEqual([])
    } finally {
      chmodSync(folder, 0o700)
    }
  })
})
