/**
 * The daemon is killed at named steps of a run, alone or with the run, which `kill-at-step.ts` brings about; then new data comes, and
 * another daemon starts. At the end the tables hold what the lines give, row for row, and nothing stands half-way.
 */
import assert from 'node:assert/strict'
import {existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {seededRandom} from '../../../../src/base/index.ts'
import {listAllTags} from '../../../../src/client/index.ts'
import {TestCluster} from '../../kit/cluster.ts'
import {pushContent} from '../../kit/content.ts'
import {waitFor} from '../../kit/wait.ts'
import type {Counts} from '../../scenarios.ts'
import {columns, compareRows} from '../expected-rows.ts'
import {RestartedProgram} from '../restarted-program.ts'
import {rulesText, WrittenLogs} from '../written-logs.ts'
import {type StepName, stepNames} from './step-names.ts'

/** Who dies: the daemon alone, whose run goes on, or both, as when a machine fails. */
export type Victims = 'daemon' | 'daemon and run'

const reachMs = 30_000
const catchUpMs = 60_000
/** Longer than the time between two runs: what comes twice would be there. Milliseconds. */
const quietMs = 1500
const day = '2026-11-23'

/** @param names - steps to try; each with the daemon alone and with both */
export async function daemonKilledAtSteps(
  names: readonly StepName[] = stepNames,
  victims: readonly Victims[] = ['daemon', 'daemon and run'],
): Promise<Counts> {
  const folder = mkdtempSync(join(tmpdir(), 'inferno-steps-'))
  try {
    await using cluster = await TestCluster.start({agentCount: 1, settings: {replicas: 1}, logLevel: 'warn'})
    let number = 0
    let lines = 0
    for (const step of names) {
      for (const who of victims) {
        const scene = new Scene(cluster, folder, ++number)
        try {
          lines += await scene.play(step, who)
        } catch (error) {
          throw new Error(`${who} killed at: ${step}\n${scene.log()}`, {cause: error})
        } finally {
          await scene.close()
        }
      }
    }
    return {steps: names.length, kills: number, lines}
  } finally {
    if (process.env['DISCO_TEST_KEEP'] === undefined) rmSync(folder, {recursive: true, force: true})
  }
}

/** One kill: rules, tags, a database and a state folder of its own. */
class Scene {
  readonly #cluster: TestCluster
  readonly #folder: string
  readonly #number: number
  readonly #logs: WrittenLogs
  readonly #address: string
  readonly #mark: string
  #daemon: RestartedProgram | undefined
  #pushed = 0

  constructor(cluster: TestCluster, folder: string, number: number) {
    this.#cluster = cluster
    this.#number = number
    this.#folder = join(folder, String(number))
    this.#mark = join(this.#folder, 'killed')
    this.#address = `sqlite:${join(this.#folder, 'rows.db')}`
    mkdirSync(join(this.#folder, 'logs'), {recursive: true})
    mkdirSync(join(this.#folder, 'rules'))
    this.#logs = new WrittenLogs(join(this.#folder, 'logs'), seededRandom(number))
    const names = {suffix: `-${number}`, source: `in-${number}:`, result: `result-${number}`, copies: true}
    writeFileSync(join(this.#folder, 'rules/m.ts'), rulesText(this.#address, names))
  }

  /** @returns lines */
  async play(step: StepName, who: Victims): Promise<number> {
    await this.#push()
    const hook = join(import.meta.dirname, 'kill-at-step.ts')
    this.#daemon = this.#program({
      NODE_OPTIONS: `--import ${hook}`,
      KILL_STEP: step,
      KILL_MARK: this.#mark,
      ...(who === 'daemon' ? {} : {KILL_ALSO_RUN: '1'}),
    })
    this.#daemon.start()
    const first = this.#daemon
    await waitFor('the step is reached', () => existsSync(this.#mark) && !first.isRunning, reachMs)
    await this.#push()
    this.#daemon = this.#program({})
    this.#daemon.start()
    const compare = (): Promise<true> => compareRows(this.#logs, this.#address, Object.keys(columns))
    await waitFor('the tables hold what was written', compare, catchUpMs)
    await sleep(quietMs)
    await compare()
    await this.#daemon.stop()
    await compare()
    assert.deepEqual(await this.#halfWay(), [], 'nothing stands half-way')
    return this.#logs.count
  }

  log(): string {
    return this.#daemon?.log() ?? ''
  }

  async close(): Promise<void> {
    await this.#daemon?.kill()
  }

  #program(env: Readonly<Record<string, string>>): RestartedProgram {
    const args = ['inferno', 'daemon', '-y', 'rules', '--state', 'state', '--concurrent', '3']
    return new RestartedProgram(args, {
      env: {...this.#cluster.environment, ...env},
      cwd: this.#folder,
      logFile: join(this.#folder, 'daemon.log'),
    })
  }

  /** Some lines more, as a blob a file. */
  async #push(): Promise<void> {
    for (let count = 0; count < 4; count++) this.#logs.write()
    this.#logs.finish()
    const logs = join(this.#folder, 'logs')
    for (const name of readdirSync(logs)) {
      const content = readFileSync(join(logs, name))
      await pushContent(this.#cluster.client, `in-${this.#number}:${day}`, `part-${++this.#pushed}`, content)
      rmSync(join(logs, name))
    }
  }

  /** Batches that were begun, and rows on their way. */
  async #halfWay(): Promise<string[]> {
    const found: string[] = []
    for (const prefix of ['_inferno:batch:', '_inferno:staging:']) {
      for await (const {tag, entryCount} of listAllTags(this.#cluster.client, prefix)) {
        if (entryCount > 0) found.push(tag)
      }
    }
    return found
  }
}
