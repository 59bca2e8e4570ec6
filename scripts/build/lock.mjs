// One build at a time in one checkout: tests, the demo and a person may all start one.
import {mkdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {dirname} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'

const pollMs = 100
/** A build takes seconds; whoever waits this long waits for something that is stuck. */
const waitMsMax = 120_000

/**
 * Runs `work` while holding the lock file; a lock left by a process that is gone is taken over.
 *
 * @throws Error when the lock stays held by a live process for waitMsMax
 */
export async function withLock(file, work) {
  mkdirSync(dirname(file), {recursive: true})
  const deadline = Date.now() + waitMsMax
  while (!tryLock(file)) {
    const holder = holderOf(file)
    if (holder !== undefined && !isAlive(holder)) rmSync(file, {force: true})
    else if (Date.now() > deadline) throw new Error(`another build holds ${file} for too long`)
    else await sleep(pollMs)
  }
  try {
    return await work()
  } finally {
    rmSync(file, {force: true})
  }
}

function tryLock(file) {
  try {
    writeFileSync(file, String(process.pid), {flag: 'wx'})
    return true
  } catch (error) {
    if (error.code === 'EEXIST') return false
    throw error
  }
}

/** The process id in the lock; undefined while it is being written or just removed. */
function holderOf(file) {
  try {
    return Number(readFileSync(file, 'utf8')) || undefined
  } catch (error) {
    if (error.code === 'ENOENT') return undefined
    throw error
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}
