/** The unit of a process, printed or written. */
import {mkdirSync, writeFileSync} from 'node:fs'
import {join, resolve} from 'node:path'
import {errorCodeOf, messageOf, UserError} from '../../../base/index.ts'
import {launcher} from '../../../product/index.ts'
import {type Role, unitName, unitText} from './unit-text.ts'

export interface ServiceFlags {
  readonly role: string
  readonly user: string
  readonly home: string
  readonly volume?: readonly string[] | undefined
  readonly drain: number
  readonly write?: string | undefined
  /** Of the process itself. */
  readonly args: readonly string[]
}

export interface Service {
  readonly name: string
  readonly text: string
  /** Where it was written; absent: it was not. */
  readonly path?: string
  /** What a person does next. */
  readonly next: string
}

/** @throws UserError BAD_FLAG for a folder or a user that cannot be; OUTPUT_FAILED */
export function installService({role, user, home, volume = [], drain, write, args}: ServiceFlags): Service {
  if (!/^[a-z_][a-z0-9_-]{0,31}$/.test(user)) {
    throw new UserError('BAD_FLAG', `--user: "${user}" cannot be the name of a user`, {exitCode: 2})
  }
  if (volume.length > 0 && role !== 'agent' && role !== 'start') {
    throw new UserError('BAD_FLAG', `a ${role} has no volumes: --volume is for an agent`, {exitCode: 2})
  }
  const unit = role as Role
  const volumes = volume.map(folder => resolve(folder))
  const name = unitName(unit)
  const text = unitText({
    role: unit,
    command: launcher(),
    args: [...volumes.flatMap(folder => ['--volume', folder]), ...args],
    user,
    home: resolve(home),
    writes: volumes,
    drainSeconds: drain,
  })
  const folders = [resolve(home), ...volumes].map(shellWord).join(' ')
  const next = [
    `Next: useradd --system --home-dir ${shellWord(resolve(home))} ${user}`,
    `      install -d -o ${user} -g ${user} -m 700 ${folders}`,
    `      systemctl daemon-reload && systemctl enable --now ${name}`,
    '',
  ].join('\n')
  if (write === undefined) return {name, text, next}
  const path = join(resolve(write), name)
  try {
    mkdirSync(resolve(write), {recursive: true})
    writeFileSync(path, text, {flag: 'wx', mode: 0o644})
  } catch (error) {
    const hint = errorCodeOf(error) === 'EEXIST' ? 'look at it, and remove it first' : undefined
    const details = hint === undefined ? {cause: error} : {cause: error, hint}
    throw new UserError('OUTPUT_FAILED', `${path} cannot be written: ${messageOf(error)}`, details)
  }
  return {name, text, path, next}
}

/** To be pasted into a shell. */
const shellWord = (text: string): string => (/^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`)
