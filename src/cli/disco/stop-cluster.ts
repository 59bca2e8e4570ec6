/** Stops the cluster that runs on this machine and waits for its end. */
import {readFileSync} from 'node:fs'
import {errorCodeOf, UserError} from '../../base/index.ts'
import type {HomePaths} from '../../client/index.ts'

/** What it gets to end in, after its tasks, before it is killed. Milliseconds. */
const endMs = 30_000
const pollMs = 50

/** @returns the process that ended. @throws UserError NOT_RUNNING */
export async function stopCluster(paths: HomePaths): Promise<number> {
  const {pid, drainMs = 0} = runningOf(paths) ?? {}
  if (pid === undefined || !isAlive(pid)) {
    throw new UserError('NOT_RUNNING', `no cluster runs with the home folder ${paths.home}`, {
      hint: 'another one is named with --home or DISCO_HOME',
    })
  }
  process.kill(pid, 'SIGTERM')
  const endsAtMs = performance.now() + drainMs + endMs
  while (isAlive(pid)) {
    if (performance.now() > endsAtMs) process.kill(pid, 'SIGKILL')
    await new Promise(resolve => setTimeout(resolve, pollMs))
  }
  return pid
}

/** What the running cluster says of itself. */
function runningOf(paths: HomePaths): {readonly pid: number; readonly drainMs?: number} | undefined {
  try {
    return JSON.parse(readFileSync(paths.address, 'utf8')) as {pid: number; drainMs?: number}
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT' || error instanceof SyntaxError) return undefined
    throw error
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return errorCodeOf(error) === 'EPERM'
  }
}
