/** What a node process is told, and whether that is safe. */

import {readFileSync} from 'node:fs'
import {isIPv4} from 'node:net'
import {hostname} from 'node:os'
import {messageOf, UserError} from '../../base/index.ts'
import type {HomePaths} from '../../client/index.ts'
import type {NodeName} from '../../protocol/index.ts'
import type {TaskUsers} from '../../worker/index.ts'
import type {OpenLog} from './log.ts'

export interface NodeOptions {
  readonly paths: HomePaths
  readonly isMaster: boolean
  readonly isAgent: boolean
  /** Address to listen at. */
  readonly host: string
  /** 0: any free one. */
  readonly port: number
  /** Base URL under which others reach this node; made of host and port when absent. */
  readonly advertise?: string | undefined
  readonly name?: NodeName | undefined
  /** Folder of the agent; by default below the home. */
  readonly folder?: string | undefined
  readonly volumes?: readonly string[] | undefined
  readonly reserveBytes?: number | undefined
  /** Bytes of partial aggregates of rules that the agent keeps; 2 GiB when absent, 0 for none. */
  readonly partialsBytesMax?: number | undefined
  /** Master to join, when it is not in this process. */
  readonly join?: string | undefined
  readonly joinToken?: string | undefined
  readonly tls?: TlsFiles | undefined
  readonly ca?: string | undefined
  readonly isInsecure: boolean
  /** Disco's own interface without tokens, for programs on this machine; blobs are taken at this port, too. */
  readonly legacy?: {readonly putPort: number} | undefined
  readonly force: boolean
  readonly slotCount: number
  /** Tasks run as these users; left out: as the process does. */
  readonly taskUsers?: TaskUsers | undefined
  /** When it is told to stop, tasks get so long to end. Milliseconds; 0 when absent. */
  readonly drainMs?: number | undefined
  /** Name and version of the program. */
  readonly software: string
  readonly openLog: OpenLog
  /** The process should end: asked over HTTP, refused for good, superseded, or because of a bug. */
  readonly onEnd: (reason: EndReason) => void
}

/** Contents, and where they came from. */
export interface TlsFiles {
  readonly certificate: string
  readonly key: string
  /** They are read again when they change, and on SIGHUP. */
  readonly paths?: {readonly certificate: string; readonly key: string}
}

export interface EndReason {
  readonly message: string
  /** What the process ends with; absent: it was asked to end. */
  readonly error?: unknown
}

/** @throws UserError BAD_FLAG for only one of the two, or a file that cannot be read */
export function readTls(certificate: string | undefined, key: string | undefined): TlsFiles | undefined {
  if (certificate === undefined && key === undefined) return undefined
  if (certificate === undefined || key === undefined) {
    throw new UserError('BAD_FLAG', 'TLS needs both --tls-cert and --tls-key', {exitCode: 2})
  }
  return {certificate: readPem(certificate), key: readPem(key), paths: {certificate, key}}
}

/** Certificates or a key, as text. What is in it is not looked at here. @throws UserError BAD_FLAG when it cannot be read */
export function readPem(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new UserError('BAD_FLAG', `${path} cannot be read: ${messageOf(error)}`, {exitCode: 2})
  }
}

/**
 * Tokens and data must not cross a network in the clear.
 *
 * @throws UserError CANNOT_START when others could listen and nobody said that this is meant
 */
export function checkExposure({host, tls, isInsecure}: Pick<NodeOptions, 'host' | 'tls' | 'isInsecure'>): void {
  if (isLoopback(host) || tls !== undefined || isInsecure) return
  throw new UserError('CANNOT_START', `listening at ${host} without TLS would send tokens and data in the clear`, {
    hint: 'give --tls-cert and --tls-key, or --insecure if the network is yours alone',
    exitCode: 2,
  })
}

/**
 * What needs no token must not be reached from elsewhere.
 *
 * @throws UserError CANNOT_START when Disco's interface is to be open and others could reach it
 */
export function checkLegacy({
  host,
  tls,
  legacy,
  advertise,
}: Pick<NodeOptions, 'host' | 'tls' | 'legacy' | 'advertise'>): void {
  if (legacy === undefined) return
  if (!isLoopback(host) || advertise !== undefined) {
    throw new UserError('CANNOT_START', '--legacy-api opens the cluster without tokens: it is for this machine only', {
      hint: "leave out --host and --advertise; elsewhere Disco's interface is there without --legacy-api, with tokens",
      exitCode: 2,
    })
  }
  if (tls === undefined) return
  throw new UserError('CANNOT_START', "Disco's clients do not speak TLS: --legacy-api is for a cluster without it", {
    exitCode: 2,
  })
}

/** Whether only this machine reaches what listens there. Of names only `localhost` is known: others are not looked up. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'))

/** Base URL of a node that listens at `host`. */
export function advertisedUrl(
  {host, tls, advertise}: Pick<NodeOptions, 'host' | 'tls' | 'advertise'>,
  port: number,
): string {
  if (advertise !== undefined) return advertise.replace(/\/+$/, '')
  const isEverywhere = host === '0.0.0.0' || host === '::'
  const name = isEverywhere ? hostname() : host
  return `${tls === undefined ? 'http' : 'https'}://${name.includes(':') ? `[${name}]` : name}:${port}`
}
