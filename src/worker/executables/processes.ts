/** A worker's process group: what it gets of our environment, how it is ended, what memory and time it takes. */
import {readFileSync} from 'node:fs'
import {assert} from '../../base/index.ts'
import {processCountMax} from './limits.ts'

/** What every program may need, and holds no secret of ours. */
const passedOn = ['PATH', 'HOME', 'USER', 'LOGNAME', 'LANG', 'LC_ALL', 'LC_CTYPE', 'TZ']

/** Where OpenSSL (Python, Ruby, Perl), curl and Node look for the authorities that they trust. */
const caVariables = ['SSL_CERT_FILE', 'CURL_CA_BUNDLE', 'NODE_EXTRA_CA_CERTS']

export interface WorkerPaths {
  /** A folder for its temporary files. */
  readonly temporary: string
  /** File of the authority to trust; undefined: what the node's own environment says. */
  readonly ca: string | undefined
}

/** The environment of a worker: the few variables above, and the job's, which have the last word. */
export function workerEnvironment(
  environment: NodeJS.ProcessEnv,
  envs: Readonly<Record<string, string>>,
  {temporary, ca}: WorkerPaths,
): Record<string, string> {
  const given = [...passedOn, ...caVariables].flatMap(name => {
    const value = environment[name]
    return value === undefined ? [] : [[name, value] as const]
  })
  const trusted = ca === undefined ? [] : caVariables.map(name => [name, ca] as const)
  return {...Object.fromEntries([...given, ...trusted]), TMPDIR: temporary, ...envs}
}

/** Ends a process that leads a group, and the group. */
export function killGroup(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch (error) {
    // It is gone already, which is what was wanted.
    assert(error instanceof Error, 'the system throws errors')
  }
}

export interface ProcessUse {
  readonly residentBytes: number
  readonly cpuMs: number
}

/** Ticks of the processor's time a second, as Linux tells them. */
const ticksPerSecond = 100

/** What a process and those that it started hold now; zeros where the system does not say. */
export function measuredUse(pid: number | undefined): ProcessUse {
  let residentBytes = 0
  let cpuMs = 0
  if (pid === undefined || process.platform !== 'linux') return {residentBytes, cpuMs}
  const waiting = [pid]
  for (let looked = 0; waiting.length > 0 && looked < processCountMax; looked++) {
    const one = waiting.pop()!
    try {
      const status = readFileSync(`/proc/${one}/status`, 'latin1')
      residentBytes += Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024
      // Behind the name, which may hold anything: state, and from the twelfth on the times.
      const fields = readFileSync(`/proc/${one}/stat`, 'latin1').split(') ').at(-1)!.split(' ')
      const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0)
      cpuMs += (ticks * 1000) / ticksPerSecond
      const children = readFileSync(`/proc/${one}/task/${one}/children`, 'latin1')
      for (const child of children.split(' ')) if (child !== '') waiting.push(Number(child))
    } catch (error) {
      // It ended meanwhile, or this system does not list children.
      assert(error instanceof Error, 'the system throws errors')
    }
  }
  return {residentBytes, cpuMs}
}
