/** Starts a cluster in the background and waits until it answers, or has ended. */
import {spawn} from 'node:child_process'
import {closeSync, fstatSync, mkdirSync, openSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {errorCodeOf, UserError} from '../../base/index.ts'
import type {HomePaths} from '../../client/index.ts'
import {launcher} from '../../product/index.ts'

/** What a start may take. Milliseconds. */
const readyMs = 30_000

/** Lines of the log that are shown when a start fails. */
const logLineCount = 5

/** What a started daemon tells its starter. */
export interface Ready {
  readonly type: 'ready'
  readonly url: string
  readonly name: string
}

/** @throws UserError CANNOT_START with the end of the log */
export async function startDetached(
  paths: HomePaths,
  args: readonly string[],
): Promise<Ready & {readonly pid: number}> {
  mkdirSync(paths.log, {recursive: true, mode: 0o700})
  mkdirSync(paths.run, {recursive: true, mode: 0o700})
  const logFile = join(paths.log, 'disco.log')
  const log = openSync(logFile, 'a', 0o600)
  const logBegin = fstatSync(log).size
  const [program, ...first] = launcher()
  const child = spawn(program, [...first, ...args], {detached: true, stdio: ['ignore', log, log, 'ipc']})
  closeSync(log)
  try {
    const ready = await new Promise<Ready>((resolve, reject) => {
      const timer = setTimeout(() => {
        child.kill('SIGKILL')
        reject(notStarted(logFile, logBegin, `it was not ready within ${readyMs / 1000} s`))
      }, readyMs)
      child.once('message', message => {
        clearTimeout(timer)
        resolve(message as Ready)
      })
      child.once('error', error => reject(notStarted(logFile, logBegin, error.message)))
      child.once('exit', code => {
        clearTimeout(timer)
        reject(notStarted(logFile, logBegin, `it ended with status ${code}`))
      })
    })
    // Who insists does so once.
    const again = args.filter(word => word !== '--force')
    writeFileSync(startFile(paths), JSON.stringify(again), {mode: 0o600})
    return {...ready, pid: child.pid ?? 0}
  } finally {
    if (child.connected) child.disconnect()
    child.unref()
  }
}

/** How the cluster was last started in the background. @throws UserError NOT_RUNNING when it never was */
export function lastStart(paths: HomePaths): readonly string[] {
  try {
    return JSON.parse(readFileSync(startFile(paths), 'utf8')) as readonly string[]
  } catch (error) {
    if (errorCodeOf(error) !== 'ENOENT') throw error
    throw new UserError('NOT_RUNNING', `no cluster was started in the background with the home folder ${paths.home}`, {
      hint: 'start one with: disco start --detach',
    })
  }
}

const startFile = (paths: HomePaths): string => join(paths.run, 'start.json')

/**
 * Tells whoever started this process that it is ready.
 *
 * @param staysConnected - each of the two notices when the other one ends
 */
export function tellReady(ready: Omit<Ready, 'type'>, staysConnected = false): void {
  process.send?.({type: 'ready', ...ready}, () => {
    if (!staysConnected) process.disconnect?.()
  })
}

/** The daemon's own last words, if it left some, else the end of what it logged. */
function notStarted(logFile: string, logBegin: number, why: string): UserError {
  const lines = readFileSync(logFile).subarray(logBegin).toString('utf8').trimEnd().split('\n')
  const said = lines.findLastIndex(line => line.startsWith('Error: '))
  if (said >= 0) {
    const hint = lines[said + 1]?.startsWith('Hint: ') === true ? lines[said + 1]?.slice('Hint: '.length) : undefined
    const message = lines[said]?.slice('Error: '.length) ?? ''
    return new UserError('CANNOT_START', message, {hint: hint ?? `its log is ${logFile}`})
  }
  return new UserError('CANNOT_START', `the cluster did not start: ${why}`, {
    hint: `the end of ${logFile}:\n${lines
      .slice(-logLineCount)
      .map(line => `  ${line}`)
      .join('\n')}`,
  })
}
