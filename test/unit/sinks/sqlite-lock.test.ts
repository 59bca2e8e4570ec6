import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, expect, test} from 'vitest'
import {ClusterError} from '../../../src/base/index.ts'
import {withAttempts} from '../../../src/sinks/sql/attempts.ts'
import {sqliteDriver} from '../../../src/sinks/sql/sqlite/sqlite-driver.ts'

const folder = mkdtempSync(join(tmpdir(), 'sqlite-lock-'))
const closers: (() => void)[] = []
afterEach(() => {
  for (const close of closers.splice(0)) close()
  rmSync(folder, {recursive: true, force: true})
})

/** Holds the write lock of a database until it is killed. @returns its process id */
async function holdLock(path: string): Promise<number> {
  const script = `
    const Database = require('better-sqlite3')
    const db = new Database(process.argv[1])
    db.exec('BEGIN IMMEDIATE')
    console.log('held')
    setInterval(() => undefined, 1000)`
  const child = spawn(process.execPath, ['-e', script, path], {
    cwd: join(import.meta.dirname, '../../..'),
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  closers.push(() => child.kill('SIGKILL'))
  await once(child.stdout, 'data')
  return child.pid!
}

test('who waits long for the lock of a file hears who has it and how long it will be waited', async () => {
  const path = join(folder, 'stats.db')
  await (await sqliteDriver(path).connect('write')).close()
  const pid = await holdLock(path)
  const told = Promise.withResolvers<string>()
  const notes: string[] = []
  const onNote = (line: string): void => {
    notes.push(line)
    told.resolve(line)
  }
  const session = await sqliteDriver(path, {onNote, noteAfterMs: 200}).connect('write')
  const begun = session.begin()
  const line = await told.promise
  const holder = process.platform === 'linux' ? `\\S+ \\(process ${pid}\\)` : 'another program'
  expect(line).toMatch(new RegExp(`^${holder} holds ${path} locked for writing; waiting for it, [56]\\d s at most$`))
  for (const close of closers.splice(0)) close()
  await begun
  await session.close()
  expect(notes).toHaveLength(1)
})

test('what is tried again says why, when and how often', async () => {
  const notes: string[] = []
  const driver = {
    ...sqliteDriver('x.db'),
    judge: () => ({kind: 'again', code: 'TIMED_OUT', reason: 'it is busy'}) as const,
  }
  const options = {driver, place: 'sqlite x.db', secrets: [], attemptCountMax: 3, firstRetryDelayMs: 1}
  const work = withAttempts({...options, onNote: line => notes.push(line)}, () => Promise.reject(new Error('busy')))
  await expect(work).rejects.toThrow(ClusterError)
  expect(notes).toEqual([
    'sqlite x.db: it is busy; trying again in 1 s (2 of 3)',
    'sqlite x.db: it is busy; trying again in 1 s (3 of 3)',
  ])
})
