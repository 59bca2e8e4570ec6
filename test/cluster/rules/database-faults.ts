/**
 * `inferno daemon` and databases that are down, held by another writer, and full: each rule is tried again by its delays, the status
 * says why, and when the database works the rows are there once.
 */
import assert from 'node:assert/strict'
import {mkdirSync, rmSync, writeFileSync} from 'node:fs'
import {createRequire} from 'node:module'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import type BetterSqlite3 from 'better-sqlite3'
import {query} from '../../databases/place.ts'
import {TestCluster} from '../kit/cluster.ts'
import {pushContent} from '../kit/content.ts'
import {runCommand} from '../kit/program.ts'
import {waitFor} from '../kit/wait.ts'
import type {Counts} from '../scenarios.ts'
import {RestartedProgram} from './restarted-program.ts'

/** More than a page of rows: a database that may not grow cannot hold them. */
const siteCount = 2000
/** Another writer has the database for so long. Milliseconds. */
const heldMs = 2500
/** A sink tries for half a minute by itself. Milliseconds. */
const sinkGivesUpMs = 60_000

interface RuleStatus {
  readonly rule: string
  readonly state: string
  readonly lastState?: string
  readonly lastError?: string
  readonly retryCount: number
  readonly retryAt?: string
}

/** @param untilFailed - the full database stays full until its run has failed; otherwise for two tries of the sink */
export async function databaseFaults({untilFailed}: {readonly untilFailed: boolean}): Promise<Counts> {
  await using cluster = await TestCluster.start({agentCount: 1, settings: {replicas: 1}, logLevel: 'warn'})
  const {folder} = cluster
  const lines = Array.from({length: siteCount}, (_, index) => `{"site":"site ${index}","n":1}\n`).join('')
  await pushContent(cluster.client, 'in:2026-11-23', 'one', Buffer.from(lines))
  const path = (name: string): string => join(folder, name)
  mkdirSync(path('rules'))
  writeFileSync(path('rules/m.ts'), rulesText(folder))
  const full = path('full.db.may-not-grow')
  writeFileSync(full, '')
  const Database = createRequire(import.meta.url)('better-sqlite3') as typeof BetterSqlite3
  const writer = new Database(path('held.db'))
  writer.exec('BEGIN IMMEDIATE')
  const daemon = new RestartedProgram(['inferno', 'daemon', '-y', 'rules', '--state', 'state', '--concurrent', '4'], {
    env: {...cluster.environment, NODE_OPTIONS: `--import ${join(import.meta.dirname, 'full-database.ts')}`},
    cwd: folder,
    logFile: path('daemon.log'),
  })
  const status = (rule: string): RuleStatus => {
    const args = ['inferno', 'status', '-y', path('rules'), '--state', path('state'), '--json']
    const {rules} = JSON.parse(runCommand(args, cluster.environment).stdout) as {rules: RuleStatus[]}
    const found = rules.find(one => one.rule === `m.${rule}`)
    assert.ok(found !== undefined, `${rule} has a status`)
    return found
  }
  const hasRows = async (file: string): Promise<boolean> => {
    const counts = await query(`sqlite:${path(file)}`, 'SELECT count(*), sum(n) FROM rows')
    assert.deepEqual(counts, [[String(siteCount), String(siteCount)]], file)
    return true
  }
  daemon.start()
  try {
    await waitFor('the one that is down has been tried again', () => status('down').retryCount === 1)
    const down = status('down')
    assert.equal(down.state, 'retrying')
    assert.match(down.lastError ?? '', /there is no folder .*\n?.*mkdir -p/)
    assert.ok(down.retryAt !== undefined)
    await waitFor('no retry is left', () => status('down').state === 'failed')
    mkdirSync(path('place'))
    assert.equal(runCommand(['inferno', 'wake', 'm.down', '-y', path('rules'), '--state', path('state')]).status, 0)
    await waitFor('it works', () => hasRows('place/down.db'))
    await waitFor('it says so', () => status('down').lastState === 'done' && status('down').lastError === undefined)

    assert.equal(status('held').state, 'running', 'who waits for another writer is no failure')
    await sleep(heldMs)
    writer.exec('COMMIT')
    await waitFor('the other writer has ended', () => hasRows('held.db'))

    if (untilFailed) {
      await waitFor('the full one fails', () => status('full').lastState === 'failed', sinkGivesUpMs)
      const {lastError = '', retryCount} = status('full')
      assert.match(lastError, /full\.db: the disk is full/)
      assert.equal(retryCount, 1)
    }
    assert.deepEqual(await query(`sqlite:${path('full.db')}`, 'SELECT count(*) FROM inferno_batches'), [['0']])
    rmSync(full)
    await waitFor('there is room', () => hasRows('full.db'), sinkGivesUpMs)
    await waitFor('it says so', () => status('full').lastState === 'done')
    await daemon.stop()
    for (const file of ['place/down.db', 'held.db', 'full.db']) await hasRows(file)
    return {rules: 3, rows: 3 * siteCount}
  } catch (error) {
    throw new Error(daemon.log(), {cause: error})
  } finally {
    writer.close()
    await daemon.kill()
  }
}

/** Retries after two seconds, twice; a week to the next time. */
const rulesText = (folder: string): string => `import {defineRule} from 'disco-inferno'
export const AUTORUN = true
const common = {sourceTags: ['in:'], keyParts: ['site'], valueParts: ['n'], timeDelta: {weeks: 1}, retry: true, retryDelay: 2 / 3600}
const rule = (name, file) => defineRule({...common, name, archive: true, archiveTagPrefix: name,
  table: 'rows', sink: {to: 'sqlite:' + ${JSON.stringify(folder)} + '/' + file, mode: 'append'}})
export const down = rule('down', 'place/down.db')
export const held = rule('held', 'held.db')
export const full = rule('full', 'full.db')
`
