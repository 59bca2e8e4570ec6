/**
 * Writers push, and one after another an agent, the master or a writer is killed with -9 and started again. Nothing that was
 * acknowledged may be lost, doubled or changed, and the cluster must take writes again soon.
 */
import {type ChildProcess, spawn} from 'node:child_process'
import {readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {seededRandom} from '../../../src/base/index.ts'
import {TestCluster} from '../kit/cluster.ts'
import {cleanEnvironment} from '../kit/program.ts'
import {waitFor} from '../kit/wait.ts'
import {judge} from './verdict.ts'
import type {HistoryLine, WriterOrder} from './writer.ts'

export interface SoakOptions {
  readonly seed: number
  readonly killCount: number
  readonly pushCount: number
  readonly replicaCount: number
  readonly writerCount?: number
  readonly tagCount?: number
}

/** After the last restart writes must be taken again within this. Milliseconds. */
const acceptMsMax = 10_000

/** Between a restart and the next kill, and between kill and restart. Milliseconds. */
const calmMs = [200, 1200] as const
const deadMs = [50, 1000] as const
/** One of so many is away for so long that it is declared lost. Milliseconds. */
const lostOneOf = 10
const lostMs = 2500

export async function killSoak(options: SoakOptions): Promise<Readonly<Record<string, number>>> {
  const {seed, killCount, pushCount, replicaCount, writerCount = 4, tagCount = 16} = options
  const random = seededRandom(seed)
  await using cluster = await TestCluster.start({agentCount: 3, settings: {replicas: replicaCount}})
  const history = join(cluster.folder, 'history.jsonl')
  writeFileSync(history, '')
  const writers = new Writers(history, {
    url: cluster.url,
    token: String(cluster.client.address.token),
    pushCount: Math.ceil(pushCount / writerCount),
    tagCount,
    seed,
  })
  const killed: Record<string, number> = {agents: 0, masters: 0, writers: 0}
  let slowestMs = 0
  try {
    for (let writer = 1; writer <= writerCount; writer++) writers.start(writer)
    for (let count = 0; count < killCount; count++) {
      await sleep(calmMs[0] + random.int(calmMs[1] - calmMs[0]))
      const isLost = random.int(lostOneOf) === 0
      const pauseMs = isLost ? lostMs : deadMs[0] + random.int(deadMs[1] - deadMs[0])
      const dice = random.next()
      if (dice < 0.15) {
        killed['writers']!++
        await writers.restart(1 + random.int(writerCount), pauseMs)
      } else if (dice < 0.4) {
        killed['masters']!++
        await cluster.kill('master')
        await sleep(pauseMs)
        await cluster.startMaster()
      } else {
        killed['agents']!++
        const name = random.pick(cluster.agentNames)
        await cluster.kill(name)
        await sleep(pauseMs)
        await cluster.startAgent(name)
      }
      slowestMs = Math.max(slowestMs, await writers.untilAcknowledged(acceptMsMax))
    }
    await writers.finished()
  } finally {
    await writers.stop()
  }
  await cluster.allUp()
  const lines = readHistory(history)
  const verdict = await judge(cluster.client, lines, true)
  const {lost, duplicated, corrupt, strange} = verdict
  const problems = {lost, duplicated, corrupt, strange}
  if (Object.values(problems).some(list => list.length > 0)) {
    throw new Error(`seed ${seed}: ${JSON.stringify(problems).slice(0, 2000)}`)
  }
  await cluster.repaired()
  await cluster.clean()
  return {
    kills: killCount,
    ...killed,
    acked: verdict.ackedCount,
    unknown: verdict.unknownCount,
    failedTries: verdict.failedTries,
    lost: lost.length,
    duplicated: duplicated.length,
    corrupt: corrupt.length,
    slowestRecoveryMs: Math.round(slowestMs),
  }
}

const readHistory = (path: string): HistoryLine[] =>
  readFileSync(path, 'utf8')
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line) as HistoryLine)

/** The writing processes, and what they have noted. */
class Writers {
  readonly #history: string
  readonly #order: Omit<WriterOrder, 'writer' | 'from' | 'history'>
  readonly #children = new Map<number, ChildProcess>()
  #isStopping = false
  /** Of a writer that ended by itself with an error. */
  readonly #broken: string[] = []

  constructor(history: string, order: Omit<WriterOrder, 'writer' | 'from' | 'history'>) {
    this.#history = history
    this.#order = order
  }

  /** Goes on behind what it began last: that one's outcome stays unknown. */
  start(writer: number): void {
    const begun = readHistory(this.#history).filter(line => line.name.startsWith(`w${writer}-`))
    const from = begun.reduce((next, line) => Math.max(next, Number(line.name.split('-')[1]) + 1), 0)
    const order: WriterOrder = {...this.#order, history: this.#history, writer, from}
    const child = spawn(process.execPath, [join(import.meta.dirname, 'writer.ts'), JSON.stringify(order)], {
      env: cleanEnvironment(),
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    child.once('exit', (code, signal) => {
      if (code !== 0 && !this.#isStopping && signal !== 'SIGKILL')
        this.#broken.push(`writer ${writer} ended with ${code}`)
    })
    this.#children.set(writer, child)
  }

  async restart(writer: number, pauseMs: number): Promise<void> {
    await end(this.#children.get(writer))
    await sleep(pauseMs)
    this.start(writer)
  }

  /** @returns how long it took from now on. Nothing to wait for when all have finished */
  async untilAcknowledged(deadlineMs: number): Promise<number> {
    const startMs = performance.now()
    const since = Date.now()
    await waitFor(
      'a push is acknowledged after the restart',
      () => {
        if (this.#broken.length > 0) throw new Error(this.#broken.join(', '))
        const lines = readHistory(this.#history)
        return this.#isFinished() || lines.some(line => line.type === 'ok' && line.atMs >= since)
      },
      deadlineMs,
    )
    return performance.now() - startMs
  }

  async finished(): Promise<void> {
    await waitFor('the writers have finished', () => this.#isFinished(), 600_000)
    if (this.#broken.length > 0) throw new Error(this.#broken.join(', '))
  }

  async stop(): Promise<void> {
    this.#isStopping = true
    await Promise.all([...this.#children.values()].map(end))
  }

  #isFinished(): boolean {
    return [...this.#children.values()].every(child => child.exitCode !== null)
  }
}

async function end(child: ChildProcess | undefined): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise<void>(resolve => child.once('exit', () => resolve()))
  child.kill('SIGKILL')
  await ended
}
