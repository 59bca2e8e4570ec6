/** A process writes batches, it or the database is killed at random moments and started again: each batch counts once. */
import assert from 'node:assert/strict'
import {spawn} from 'node:child_process'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {query} from '../place.ts'
import {batchOf, expectedRows, modes, rowText} from './batches.ts'

export interface KillOptions {
  readonly address: string
  readonly kills: number
  readonly seed: number
  /** Kills the database and starts it again; undefined: only the writer is killed. */
  readonly restart?: (() => Promise<void>) | undefined
}

export interface KillCounts {
  readonly [name: string]: number
  readonly kills: number
  /** Of the kills, those of the database. */
  readonly databaseKills: number
  readonly batches: number
  /** Writers that gave up before they were killed: the database was away for too long. */
  readonly givenUp: number
  readonly rows: number
}

/** Milliseconds after the writer's first batch began: it writes some tens of batches in that time. */
const killAfterMsMax = 400

/** @throws AssertionError when a table differs from what an undisturbed run gives */
export async function exactlyOnce({address, kills, seed, restart}: KillOptions): Promise<KillCounts> {
  const random = randomFrom(seed)
  let killCount = 0
  let databaseKills = 0
  let givenUp = 0
  let next = 0
  const goal = (): number => (killCount < kills ? Number.MAX_SAFE_INTEGER : next + 3 * modes.length)
  let end = goal()
  while (next < end) {
    const writer = new Writer(address, next, end)
    if (killCount < kills) {
      await writer.begun
      await sleep(random() * killAfterMsMax)
      if (restart !== undefined && random() < 0.3) {
        databaseKills++
        await restart()
        // It goes on by itself when the database is back soon enough.
        await sleep(random() * killAfterMsMax)
      }
      killCount++
      writer.kill()
    }
    await writer.ended
    if (!writer.wasKilled && writer.status !== 0) givenUp++
    if (writer.status === 70) throw new Error(writer.errors)
    // What it said it wrote, it wrote. The one after that may be there or not.
    next = Math.max(next, writer.doneCount)
    if (killCount >= kills && end === Number.MAX_SAFE_INTEGER) end = goal()
  }
  return {kills: killCount, databaseKills, batches: end, givenUp, rows: await compare(address, end)}
}

async function compare(address: string, batchCount: number): Promise<number> {
  let rows = 0
  for (const [table, expected] of Object.entries(expectedRows(batchCount))) {
    const cells = await query(address, `SELECT site, hits, revenue, least, most FROM ${table}`)
    assert.deepEqual(cells.map(rowText).sort(), expected, table)
    rows += cells.length
  }
  const ledger = await query(address, "SELECT count(*) FROM inferno_batches WHERE mode <> 'replace'")
  const names = Array.from({length: batchCount}, (_, index) => batchOf(index).mode).filter(mode => mode !== 'replace')
  assert.deepEqual(ledger, [[String(names.length)]], 'the ledger')
  return rows
}

class Writer {
  readonly begun: Promise<void>
  readonly ended: Promise<void>
  doneCount = 0
  wasKilled = false
  status: number | null = null
  errors = ''
  readonly #child

  constructor(address: string, from: number, count: number) {
    const program = join(import.meta.dirname, 'writer.ts')
    this.#child = spawn(process.execPath, [program, address, String(from), String(count)], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let text = ''
    let begin = (): void => undefined
    this.begun = new Promise(resolve => {
      begin = resolve
    })
    this.#child.stdout.on('data', (bytes: Buffer) => {
      text += bytes
      begin()
      const done = [...text.matchAll(/done (\d+)\n/g)].at(-1)
      if (done) this.doneCount = Number(done[1]) + 1
      text = text.slice(text.lastIndexOf('\n') + 1)
    })
    this.#child.stderr.on('data', (bytes: Buffer) => {
      this.errors = (this.errors + bytes).slice(-4000)
    })
    this.ended = new Promise(resolve => {
      this.#child.on('close', status => {
        this.status = status
        begin()
        resolve()
      })
    })
  }

  kill(): void {
    this.wasKilled = this.#child.kill('SIGKILL')
  }
}

/** A small generator: the kills of a seed come in the same order, if not at the same instruction. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}
