/**
 * Exactly once over everything: a log is written, `ddfs watch` puts it under a tag, `inferno daemon` runs rules into a database, and
 * all of them are killed at random moments. At the end the tables hold what the written lines give, row for row.
 */
import {mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {pathToFileURL} from 'node:url'
import {seededRandom} from '../../../src/base/index.ts'
import {query} from '../../databases/place.ts'
import {TestCluster} from '../kit/cluster.ts'
import {runCommand} from '../kit/program.ts'
import {waitFor} from '../kit/wait.ts'
import {compareRows} from './expected-rows.ts'
import {RestartedProgram} from './restarted-program.ts'
import {rulesText, WrittenLogs} from './written-logs.ts'

export interface EverythingOptions {
  readonly seed: number
  readonly kills: number
  /** Of the database; undefined: a SQLite file of its own. */
  readonly address?: string | undefined
  /** Kills the database and starts it again; undefined: it is not killed. */
  readonly restart?: (() => Promise<void>) | undefined
  /** Programs stand still for seconds and their clocks jump, instead of being killed. */
  readonly isShaken?: boolean
}

/** Between two kills, at most. A run takes about a second: each of its steps is hit. Milliseconds. */
const betweenMsMax = 900
/** What a killed program stays away, at most. Milliseconds. */
const awayMsMax = 400
/** For the tables to catch up after the last line. Milliseconds. */
const catchUpMs = 120_000
/** Longer than the time between two runs: what comes twice would be there. Milliseconds. */
const quietMs = 2500

export type EverythingCounts = Readonly<Record<string, number>>

/** @throws AssertionError naming the first row that differs, with the ends of the logs */
export async function everythingOnce(options: EverythingOptions): Promise<EverythingCounts> {
  const folder = mkdtempSync(join(tmpdir(), 'inferno-once-'))
  try {
    const envOf = options.isShaken === true ? (name: string) => shiftedClock(folder, name) : undefined
    const agentCount = options.isShaken === true ? 3 : 2
    await using cluster = await TestCluster.start({
      agentCount,
      settings: {replicas: 2},
      logLevel: 'warn',
      ...(envOf && {envOf}),
    })
    return await play(cluster, folder, options)
  } finally {
    if (process.env['DISCO_TEST_KEEP'] === undefined) rmSync(folder, {recursive: true, force: true})
  }
}

async function play(cluster: TestCluster, folder: string, options: EverythingOptions): Promise<EverythingCounts> {
  const {seed, address = `sqlite:${join(folder, 'once.db')}`} = options
  const random = seededRandom(seed)
  for (const name of ['logs', 'rules']) mkdirSync(join(folder, name))
  writeFileSync(join(folder, 'rules/m.ts'), rulesText(address))
  const logs = new WrittenLogs(join(folder, 'logs'), seededRandom(seed + 1))
  const given = {env: cluster.environment, cwd: folder}
  const tag = 'incoming:{host}:chunk:clicks:{date}'
  const watchArgs = ['ddfs', 'watch', 'logs', '--tag', tag, '--pattern', '*.ndjson*', '--age', '150ms']
  const clocked = (name: string) => ({
    ...given,
    env: {...given.env, ...(options.isShaken === true ? shiftedClock(folder, name) : {})},
  })
  const watch = new RestartedProgram(watchArgs, {...clocked('watch'), logFile: join(folder, 'watch.log')})
  const daemonArgs = ['inferno', 'daemon', '-y', 'rules', '--state', 'state', '--concurrent', '3', '--wait']
  const daemon = new RestartedProgram(daemonArgs, {...clocked('daemon'), logFile: join(folder, 'daemon.log')})
  const writing = new AbortController()
  const written = writeUntil(logs, writing.signal)
  watch.start()
  daemon.start()
  const words = (): string => `SEED=${seed}\nwatch: ${watch.log(8)}\ndaemon: ${daemon.log(25)}`
  try {
    // Kills before the first rows are in place would find little to break.
    await waitFor('the first rows are there', () => hasRows(address), 60_000)
    const scene = {cluster, folder, watch, daemon, random, options}
    const kills = options.isShaken === true ? await shakeAll(scene) : await killAll(scene)
    writing.abort()
    await written
    logs.finish()
    const started = performance.now()
    const same = (): Promise<true> => compareRows(logs, address)
    await waitFor('the tables hold what was written', same, catchUpMs).catch(async (error: unknown) => {
      throw new Error(words(), {cause: error})
    })
    const caughtUpMs = Math.round(performance.now() - started)
    await sleep(quietMs)
    await same()
    await daemon.stop()
    await watch.stop()
    await same()
    const batches = Number((await query(address, 'SELECT count(*) FROM inferno_batches'))[0]?.[0])
    const {bad, failed} = history(folder, given.env)
    return {...kills, lines: logs.count, bad, batches, failedRuns: failed, caughtUpMs}
  } finally {
    writing.abort()
    await daemon.kill()
    await watch.kill()
    for (const pid of runningRuns(folder)) process.kill(pid, 'SIGKILL')
  }
}

async function writeUntil(logs: WrittenLogs, signal: AbortSignal): Promise<void> {
  for (let count = 1; !signal.aborted; count++) {
    logs.write()
    if (count % 60 === 0) logs.rotate()
    await sleep(40)
  }
}

interface Scene {
  readonly cluster: TestCluster
  readonly folder: string
  readonly watch: RestartedProgram
  readonly daemon: RestartedProgram
  readonly random: ReturnType<typeof seededRandom>
  readonly options: EverythingOptions
}

type Victim = 'watch' | 'daemon' | 'run' | 'agent' | 'master' | 'database'

/** @returns kills by who was killed */
async function killAll(scene: Scene): Promise<Record<string, number>> {
  const {random, options} = scene
  // Runs more often than others: there is most to go wrong.
  const victims: Victim[] = ['watch', 'daemon', 'run', 'run', 'run', 'agent', 'master']
  if (options.restart !== undefined) victims.push('database', 'database')
  const counts: Record<string, number> = {}
  // In a shuffled order: also few kills hit everybody.
  let order: Victim[] = []
  for (let done = 0; done < options.kills; ) {
    if (order.length === 0) order = shuffled(victims, random)
    await sleep(random.int(betweenMsMax))
    const victim = order.pop()!
    if (!(await killOne(victim, scene))) continue
    counts[victim] = (counts[victim] ?? 0) + 1
    done++
  }
  return counts
}

/** Longer than the time after which a node counts as lost (2 s here). Milliseconds. */
const stopMsMax = 6000
/** How far a clock jumps, either way. Milliseconds. */
const jumpMs = [-10 * 86_400_000, -3_600_000, -5000, 5000, 3_600_000, 10 * 86_400_000]

/** @returns faults by who was hit */
async function shakeAll(scene: Scene): Promise<Record<string, number>> {
  const {cluster, folder, watch, daemon, random, options} = scene
  const counts: Record<string, number> = {}
  const names = ['watch', 'daemon', 'master', ...cluster.agentNames]
  for (let done = 0; done < options.kills; done++) {
    await sleep(random.int(betweenMsMax))
    const name = random.pick(names)
    if (random.int(3) === 0) {
      writeFileSync(clockFile(folder, name), String(random.pick(jumpMs)))
      counts[`${name} clock`] = (counts[`${name} clock`] ?? 0) + 1
      continue
    }
    const signal = (what: 'SIGSTOP' | 'SIGCONT'): void => {
      if (name === 'watch') watch.signal(what)
      else if (name === 'daemon') daemon.signal(what)
      else cluster.program(name).child.kill(what)
    }
    signal('SIGSTOP')
    await sleep(random.int(stopMsMax))
    signal('SIGCONT')
    counts[`${name} stop`] = (counts[`${name} stop`] ?? 0) + 1
  }
  // Clocks are right again: rules of a daemon ten days ahead would wait for as long.
  for (const name of names) writeFileSync(clockFile(folder, name), '0')
  return counts
}

const clockFile = (folder: string, name: string): string => join(folder, `clock-${name}`)

function shiftedClock(folder: string, name: string): Record<string, string> {
  const preload = pathToFileURL(join(import.meta.dirname, '../kit/shifted-clock.mjs'))
  return {NODE_OPTIONS: `--import ${preload}`, DISCO_TEST_CLOCK: clockFile(folder, name)}
}

/** Kills and starts again. @returns false when there was nobody to kill */
async function killOne(victim: Victim, {cluster, folder, watch, daemon, random, options}: Scene): Promise<boolean> {
  const away = (): Promise<void> => sleep(random.int(awayMsMax))
  switch (victim) {
    case 'watch':
    case 'daemon': {
      const program = victim === 'watch' ? watch : daemon
      if (!program.isRunning) throw new Error(`the ${victim} has ended by itself\n${program.log()}`)
      await program.kill()
      await away()
      program.start()
      return true
    }
    case 'run': {
      const pids = runningRuns(folder)
      if (pids.length === 0) return false
      process.kill(random.pick(pids), 'SIGKILL')
      return true
    }
    case 'agent': {
      const name = random.pick(cluster.agentNames)
      await cluster.kill(name)
      await away()
      await cluster.startAgent(name)
      return true
    }
    case 'master':
      await cluster.kill('master')
      await away()
      await cluster.startMaster()
      return true
    case 'database':
      await options.restart?.()
      return true
  }
}

function shuffled(victims: readonly Victim[], random: ReturnType<typeof seededRandom>): Victim[] {
  const rest = [...victims]
  return victims.map(() => rest.splice(random.int(rest.length), 1)[0]!)
}

/** Runs of our daemon: they write their report below our folder. */
function runningRuns(folder: string): number[] {
  return readdirSync('/proc').flatMap(name => {
    if (!/^\d+$/.test(name)) return []
    try {
      const words = readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0')
      const report = words[words.indexOf('--report') + 1]
      return words.includes('run') && report?.startsWith(`${folder}/`) === true ? [Number(name)] : []
    } catch {
      // It ended while we looked.
      return []
    }
  })
}

async function hasRows(address: string): Promise<boolean> {
  return (await query(address, 'SELECT site FROM totals')).length > 0
}

function history(folder: string, env: Readonly<Record<string, string>>): {bad: number; failed: number} {
  const {stdout} = runCommand(['inferno', 'runs', '--state', join(folder, 'state'), '--json', '-c', '500'], env)
  const runs = JSON.parse(stdout) as {rule: string; state: string; report?: {account: {bad: number} | null}}[]
  const ofLines = runs.filter(({rule, state}) => rule === 'm.lines' && state === 'done')
  return {
    bad: ofLines.reduce((sum, {report}) => sum + (report?.account?.bad ?? 0), 0),
    failed: runs.filter(({state}) => state === 'failed').length,
  }
}
