/** Wall and processor time of commands and of a running daemon with its children. */
import {execFile} from 'node:child_process'
import {readdirSync, readFileSync} from 'node:fs'
import {promisify} from 'node:util'

/** Of /proc: so many a second on all Linux. */
const ticksPerSecond = 100

/** Runs a shell's command line. @returns {Promise<{seconds: number, cpu: number}>} */
export async function timeShell(command, cwd) {
  const started = performance.now()
  const {stderr} = await shell(`TIMEFORMAT='%U %S'\ntime { ${command}\n}`, cwd)
  const seconds = (performance.now() - started) / 1000
  const [, user, system] = /(\S+) (\S+)\s*$/.exec(stderr)
  return {seconds, cpu: Number(user) + Number(system)}
}

/** Not waited for in one go: a connection to the cluster that is not looked at meanwhile breaks. */
export async function shell(command, cwd) {
  const options = {cwd, env: {...process.env, LC_ALL: 'C'}}
  return await promisify(execFile)('bash', ['-e', '-o', 'pipefail', '-c', command], options)
}

/** Seconds that a process has taken, those of its children included, also of ended ones. */
export function cpuOf(pid) {
  const stats = statsOfAll()
  const children = stats.filter(stat => stat.parent === pid)
  const own = stats.find(stat => stat.pid === pid)
  const ticks = (own?.ticks ?? 0) + (own?.endedTicks ?? 0)
  return ticks / ticksPerSecond + children.reduce((sum, child) => sum + cpuOf(child.pid), 0)
}

export function residentMb(pid) {
  return (Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) * 1024) / 1e6
}

function statsOfAll() {
  return readdirSync('/proc').flatMap(name => {
    if (!/^\d+$/.test(name)) return []
    try {
      const text = readFileSync(`/proc/${name}/stat`, 'latin1')
      // The name before it may hold anything.
      const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
      const [user, system, endedUser, endedSystem] = fields.slice(11, 15).map(Number)
      return [{pid: Number(name), parent: Number(fields[1]), ticks: user + system, endedTicks: endedUser + endedSystem}]
    } catch (error) {
      if (error.code !== 'ENOENT' && error.code !== 'ESRCH') throw error
      return []
    }
  })
}
