/** One run of one engine as a whole process: wall time, peak memory, output to a file. */
import {spawn, spawnSync} from 'node:child_process'
import {closeSync, existsSync, openSync, readFileSync, rmSync} from 'node:fs'
import {join} from 'node:path'

const root = join(import.meta.dirname, '..')

/** GNU time; other systems have a `time` that cannot tell the peak. */
const timeProgram = '/usr/bin/time'

/** Whether peak memory can be told. */
export function canMeasureMemory() {
  return existsSync(timeProgram) && spawnSync(timeProgram, ['-f', '%M', 'true']).status === 0
}

/**
 * @param {{argv: string[], outPath: string, timeoutMs: number, hasMemory: boolean}} run
 * @returns {Promise<{ms: number, peakMb: number | undefined, problem: string | undefined}>}
 */
export async function measure({argv, outPath, timeoutMs, hasMemory}) {
  const memoryPath = `${outPath}.memory`
  const [command, ...args] = hasMemory ? [timeProgram, '-f', '%M', '-o', memoryPath, ...argv] : argv
  const out = openSync(outPath, 'w')
  const startedNs = process.hrtime.bigint()
  // A group of its own, so that a run that takes too long ends together with what it started.
  const child = spawn(command, args, {
    stdio: ['ignore', out, 'pipe'],
    detached: true,
    env: {...process.env, LC_ALL: 'C'},
  })
  closeSync(out)
  let complaint = ''
  child.stderr.setEncoding('utf8').on('data', text => {
    complaint = (complaint + text).slice(-2000)
  })
  let isLate = false
  // The whole group, even if its first process is gone: what it left behind would hold the pipe open for ever.
  const end = () => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
    } catch (error) {
      if (error.code !== 'ESRCH') throw error
    }
  }
  const timer = setTimeout(() => {
    isLate = true
    end()
  }, timeoutMs)
  // The terminal's Ctrl-C reaches only the benchmark's own group.
  const interrupt = () => {
    end()
    process.exit(130)
  }
  process.once('SIGINT', interrupt)
  process.once('SIGTERM', interrupt)
  const status = await new Promise(resolve => {
    child.on('error', error => resolve(error.message))
    child.on('close', (code, signal) => resolve(code ?? signal))
  })
  clearTimeout(timer)
  process.off('SIGINT', interrupt)
  process.off('SIGTERM', interrupt)
  const ms = Number(process.hrtime.bigint() - startedNs) / 1e6
  const peakMb = hasMemory && status === 0 ? (Number(readFileSync(memoryPath, 'utf8').trim()) * 1024) / 1e6 : undefined
  rmSync(memoryPath, {force: true})
  if (isLate) return {ms, peakMb, problem: `more than ${timeoutMs / 1000} s`}
  // Messages name files; the table is for other machines too.
  const lines = complaint.trim().replaceAll(root, '').replaceAll('|', '/').split('\n')
  const line = lines.find(text => /error|exception/i.test(text)) ?? lines.at(-1)
  return {ms, peakMb, problem: status === 0 ? undefined : `failed (${status}): ${line.trim().slice(0, 160)}`}
}
