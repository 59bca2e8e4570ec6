/** From the flags of a command to the options of a node. */
import {parseBytes, UserError} from '../../base/index.ts'
import {homePaths} from '../../client/index.ts'
import {type LogLevel, type NodeOptions, openLog, readPem, readTls} from '../../cluster/index.ts'
import {parseNodeName} from '../../protocol/index.ts'

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
  readonly name?: string | undefined
  readonly folder?: string | undefined
  readonly volume?: readonly string[] | undefined
  readonly reserve?: string | undefined
  readonly slots?: number | undefined
  readonly join?: string | undefined
  readonly 'join-token'?: string | undefined
  readonly force?: boolean | undefined
}

/** @throws UserError BAD_FLAG, BAD_NAME for what cannot be */
export function nodeOptions(
  flags: NodeFlags,
  roles: {readonly isMaster: boolean; readonly isAgent: boolean},
  version: string,
): Omit<NodeOptions, 'onEnd'> {
  const reserveBytes = flags.reserve === undefined ? undefined : parseBytes(flags.reserve)
  if (flags.reserve !== undefined && reserveBytes === undefined) {
    throw new UserError('BAD_FLAG', `--reserve: "${flags.reserve}" is not a size`, {hint: 'write 1GiB', exitCode: 2})
  }
  return {
    ...roles,
    paths: homePaths(flags.home),
    host: flags.host,
    port: flags.port,
    advertise: flags.advertise,
    name: flags.name === undefined ? undefined : parseNodeName(flags.name),
    folder: flags.folder,
    volumes: flags.volume,
    reserveBytes,
    join: flags.join,
    joinToken: flags['join-token'],
    tls: readTls(flags['tls-cert'], flags['tls-key']),
    ca: flags.ca === undefined ? undefined : readPem(flags.ca),
    isInsecure: flags.insecure,
    force: flags.force ?? false,
    slotCount: flags.slots ?? 0,
    software: `disco-inferno ${version}`,
    openLog: openLog(process.stderr, flags['log-level'] as LogLevel),
  }
}
