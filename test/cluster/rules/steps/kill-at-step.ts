/**
 * Loaded into a daemon and its runs by `--import`: the first of them that comes to a step kills the daemon there, and itself when
 * it is told to. What stands below is put around calls of Node and of the database's driver; the program under test knows nothing of it.
 */
import childProcess from 'node:child_process'
import fs, {closeSync, openSync} from 'node:fs'
import http, {type ClientRequest} from 'node:http'
import {createRequire, syncBuiltinESMExports} from 'node:module'
import type {StepName} from './step-names.ts'

const {KILL_STEP: step, KILL_ALSO_RUN: alsoRun, KILL_MARK: mark} = process.env
const tool = process.argv[3]

if (step !== undefined && mark !== undefined && (tool === 'daemon' || tool === 'run')) {
  // Inherited by the runs: who was orphaned has another parent, which is not ours to kill.
  if (tool === 'daemon') process.env['KILL_DAEMON'] = String(process.pid)
  watchDaemon()
  if (tool === 'run') watchRun()
  syncBuiltinESMExports()
}

/** Kills when this is the step, once in all processes. */
function reach(here: StepName): void {
  if (here !== step || !isFirst()) return
  const daemon = Number(process.env['KILL_DAEMON'])
  if (tool === 'daemon' || process.ppid === daemon) process.kill(daemon, 'SIGKILL')
  if (alsoRun !== undefined) process.kill(process.pid, 'SIGKILL')
}

function isFirst(): boolean {
  try {
    closeSync(openSync(mark!, 'wx'))
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

function watchDaemon(): void {
  const {spawn} = childProcess
  const {readFileSync, rmSync, renameSync} = fs
  const isRun = (args: unknown): boolean => Array.isArray(args) && args.includes('--report')
  const isReport = (path: unknown): boolean => typeof path === 'string' && /\/runs\/\d+\.json$/.test(path)
  childProcess.spawn = ((...args: Parameters<typeof spawn>) => {
    if (isRun(args[1])) reach('run is saved')
    const child = spawn(...args)
    if (isRun(args[1])) reach('child is started')
    return child
  }) as typeof spawn
  fs.readFileSync = ((...args: Parameters<typeof readFileSync>) => {
    const content = readFileSync(...args)
    if (isReport(args[0])) reach('report is read')
    return content
  }) as typeof readFileSync
  fs.rmSync = (...args) => {
    if (isReport(args[0])) reach('state is written')
    rmSync(...args)
  }
  fs.renameSync = (from, to) => {
    if (isReport(to)) reach('report is next')
    renameSync(from, to)
    if (isReport(to)) reach('report is there')
  }
}

function watchRun(): void {
  const {request} = http
  const changes = new Map<string, number>()
  http.request = ((url: string, options: http.RequestOptions) => {
    const tag = options.method === 'POST' ? /\/api\/v1\/tags\/([^/?]+)$/.exec(url)?.[1] : undefined
    if (tag === undefined) return request(url, options)
    const name = decodeURIComponent(tag)
    const kind = kindOf(name)
    const number = (changes.get(name) ?? 0) + 1
    changes.set(name, number)
    const steps = kind === undefined ? undefined : stepsOfChange[`${kind} ${Math.min(number, 2)}`]
    if (steps?.before !== undefined) reach(steps.before)
    const sent: ClientRequest = request(url, options)
    if (steps?.after !== undefined) sent.once('response', () => reach(steps.after!))
    return sent
  }) as typeof request

  const Database = createRequire(import.meta.url)('better-sqlite3') as {prototype: {exec: (sql: string) => unknown}}
  const {exec} = Database.prototype
  Database.prototype.exec = function (sql) {
    if (sql === 'COMMIT') reach('commit is next')
    const result = exec.call(this, sql)
    if (sql === 'COMMIT') reach('rows are committed')
    return result
  }
}

/** By what a tag is for, and how often this run has changed it. */
const stepsOfChange: Readonly<Record<string, {readonly before?: StepName; readonly after?: StepName}>> = {
  'place 1': {before: 'claim is next', after: 'place is claimed'},
  'place 2': {before: 'place is next to be given back', after: 'place is given back'},
  'archive 1': {before: 'archive is next', after: 'archive is marked'},
  'staging 1': {after: 'rows are staged'},
  'result 1': {after: 'rows are under their tag'},
}

function kindOf(tag: string): 'place' | 'archive' | 'staging' | 'result' | undefined {
  if (tag.startsWith('_inferno:batch:')) return 'place'
  if (tag.startsWith('_inferno:staging:')) return 'staging'
  if (/^result-\d+:now/.test(tag)) return 'result'
  return /^(?:lines|totals|again)-\d+(?::|$)/.test(tag) ? 'archive' : undefined
}
