/** From the flags of a command to the options of a node. */
import {spawnSync} from 'node:child_process'
import {parseBytes, UserError} from '../../base/index.ts'
import {homePaths} from '../../client/index.ts'
import {type LogLevel, type NodeOptions, type NodeProcess, openLog, readPem, readTls} from '../../cluster/index.ts'
import {parseNodeName} from '../../protocol/index.ts'
import type {TaskUsers} from '../../worker/index.ts'

export interface NodeFlags {
  readonly home?: string | undefined
  readonly host: string
  readonly port: number
  readonly advertise?: string | undefined
  readonly 'tls-cert'?: string | undefined
  readonly 'tls-key'?: string | undefined
  readonly ca?: string | undefined
  readonly insecure: boolean
  readonly 'log-level': string
  readonly drain: number
  readonly name?: string | undefined
  readonly folder?: string | undefined
  readonly volume?: readonly string[] | undefined
  readonly reserve?: string | undefined
  readonly partials?: string | undefined
  readonly slots?: number | undefined
  readonly 'task-user'?: string | undefined
  readonly join?: string | undefined
  readonly 'join-token'?: string | undefined
  readonly force?: boolean | undefined
  readonly 'legacy-api'?: boolean | undefined
  readonly 'legacy-put-port'?: number | undefined
}

/** What a cluster that has just started says of jobs with code. */
export function codeText(master: NodeProcess['master']): string {
  return master?.settings.allowsCode === true
    ? 'jobs with code are allowed: only this machine reaches it, or an admin said so (disco config set allowCode off ends that)'
    : 'jobs with code are refused (an admin allows them with: disco config set allowCode on)'
}

/** @throws UserError BAD_FLAG, BAD_NAME for what cannot be */
export function nodeOptions(
  flags: NodeFlags,
  roles: {readonly isMaster: boolean; readonly isAgent: boolean},
  version: string,
): Omit<NodeOptions, 'onEnd'> {
  return {
    ...roles,
    paths: homePaths(flags.home),
    host: flags.host,
    port: flags.port,
    advertise: flags.advertise,
    name: flags.name === undefined ? undefined : parseNodeName(flags.name),
    folder: flags.folder,
    volumes: flags.volume,
    reserveBytes: sizeOf('reserve', flags.reserve),
    partialsBytesMax: sizeOf('partials', flags.partials),
    join: flags.join,
    joinToken: flags['join-token'],
    tls: readTls(flags['tls-cert'], flags['tls-key']),
    ca: flags.ca === undefined ? undefined : readPem(flags.ca),
    isInsecure: flags.insecure,
    force: flags.force ?? false,
    legacy: flags['legacy-api'] === true ? {putPort: flags['legacy-put-port'] ?? 8990} : undefined,
    drainMs: flags.drain * 1000,
    slotCount: flags.slots ?? 0,
    taskUsers: flags['task-user'] === undefined ? undefined : taskUsersOf(flags['task-user']),
    software: `disco-inferno ${version}`,
    openLog: openLog(process.stderr, flags['log-level'] as LogLevel),
  }
}

/** `nobody`, `61000`, `61000-61031`. @throws UserError BAD_FLAG */
function taskUsersOf(text: string): TaskUsers {
  const [, low, high = low] = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(text) ?? []
  const first = Number(low ?? userNumber(text))
  const count = low === undefined ? 1 : Number(high) - first + 1
  if (first > 0 && count > 0) return {first, count}
  throw new UserError('BAD_FLAG', `--task-user: "${text}" is not a user that tasks can run as`, {
    hint: 'give a name, a number above 0, or two with a dash: 61000-61031',
    exitCode: 2,
  })
}

/** Not a number when there is no such user. */
function userNumber(name: string): number {
  const {stdout} = spawnSync('id', ['-u', '--', name], {encoding: 'utf8'})
  return stdout.trim() === '' ? Number.NaN : Number(stdout)
}

/** Zero is a size here. */
function sizeOf(flag: string, text: string | undefined): number | undefined {
  const bytes = text === undefined ? undefined : parseBytes(text)
  if (text === undefined || bytes !== undefined) return bytes
  throw new UserError('BAD_FLAG', `--${flag}: "${text}" is not a size`, {hint: 'write 1GiB', exitCode: 2})
}
