/** How long the executable takes before it does anything: as long as the package, which keeps compiled code in a folder of the user. */
import {execFileSync, spawnSync} from 'node:child_process'
import {mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {binary} from './machine.ts'

const launcher = join(import.meta.dirname, '../../bin/run.js')
/** Each is started so often, in turn; the best counts, because others use the machine as well. */
const rounds = 10
/** What the executable may take longer than the package, in milliseconds. */
const slowerMsMax = 10
/** The daemon is asked to stop after that; it reads its rules at once. */
const daemonMs = 3000

describe('the start of the executable', () => {
  let folder: string
  const millisecondsOf = (program: readonly string[], words: readonly string[]): number => {
    const started = performance.now()
    const [file, ...args] = [...program, ...words]
    execFileSync(file!, args, {cwd: folder, env: {PATH: '/usr/bin:/bin', HOME: folder}, stdio: 'ignore'})
    return performance.now() - started
  }
  const bestOf = (words: readonly string[]): {binary: number; files: number} => {
    const best = {binary: Number.POSITIVE_INFINITY, files: Number.POSITIVE_INFINITY}
    for (let round = 0; round < rounds; round++) {
      best.binary = Math.min(best.binary, millisecondsOf([binary], words))
      best.files = Math.min(best.files, millisecondsOf([process.execPath, launcher], words))
    }
    return best
  }

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'start-time-'))
    const lines = Array.from({length: 8000}, (_, n) => `{"domain":"site${n % 50}.example","price":${n % 17}}\n`)
    writeFileSync(join(folder, 'few.ndjson'), lines.join(''))
  })
  afterAll(() => rmSync(folder, {recursive: true, force: true}))

  it.each([
    ['says its version', ['--version']],
    ['answers a small query', ['inferno', 'query', '-k', 'domain', '-v', 'count,price', 'few.ndjson']],
  ])('%s as soon as the package', (_, words) => {
    const best = bestOf(words)
    expect(best.binary).toBeLessThan(best.files + slowerMsMax)
  })

  it('keeps nothing in the folder of the user for a query', () => {
    const home = join(folder, 'home')
    const words = ['inferno', 'query', '-k', 'domain', '-v', 'count', join(folder, 'few.ndjson')]
    mkdirSync(home)
    execFileSync(binary, words, {cwd: folder, env: {HOME: home, TMPDIR: home}, stdio: 'ignore'})
    expect(readdirSync(home)).toEqual([])
  })

  it('unpacks SQLite among temporary files when the cache of the user cannot even be looked at', () => {
    const temporary = join(folder, 'temporary')
    mkdirSync(temporary)
    // No name of a file may be so long: every call with it fails, the one that removes what was begun as well.
    const env = {XDG_CACHE_HOME: join(folder, 'x'.repeat(300)), TMPDIR: temporary}
    const words = ['inferno', 'query', '-k', 'domain', '-v', 'count', '--to', 'sqlite:rows.db', '--table', 'rows']
    execFileSync(binary, [...words, 'few.ndjson'], {cwd: folder, env, stdio: 'ignore'})
    expect(readdirSync(temporary)).toHaveLength(1)
  })

  it('reads the rules of a folder for the daemon in a process of its own', () => {
    const env = {HOME: folder}
    execFileSync(binary, ['inferno', 'init', 'live', '--template', 'live-clicks'], {cwd: folder, env, stdio: 'ignore'})
    const words = ['inferno', 'daemon', '--start-paused', '-y', 'live/rules']
    const {stdout, stderr} = spawnSync(binary, words, {cwd: folder, env, encoding: 'utf8', timeout: daemonMs})
    expect(stdout + stderr).toContain('"msg":"rule added"')
    expect(stdout + stderr).not.toContain('cannot be loaded')
  })
})
