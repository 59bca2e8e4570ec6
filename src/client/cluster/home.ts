/**
 * Where a cluster keeps its things on this machine, and how a command finds the cluster.
 *
 *     <home>/address.json   {url, pid}: written by a running `disco start`
 *     <home>/tokens.json    one token a set of scopes, mode 0600
 *     <home>/master/        what the master remembers
 *     <home>/nodes/<name>/  one folder an agent
 *     <home>/log/, <home>/run/
 */
import {readFileSync} from 'node:fs'
import {isIPv4} from 'node:net'
import {join, resolve} from 'node:path'
import {errorCodeOf, messageOf, printable, UserError} from '../../base/index.ts'
import {userHome} from '../user-home.ts'

/** Disco's own port. */
export const defaultPort = 8989

export interface HomePaths {
  readonly home: string
  readonly address: string
  readonly tokens: string
  readonly master: string
  readonly nodes: string
  readonly log: string
  readonly run: string
}

/**
 * @param flag - what `--home` said; then DISCO_HOME; then the usual place for a user's data
 * @throws UserError BAD_FLAG when nothing says one
 */
export function homePaths(flag: string | undefined): HomePaths {
  const home = resolve(flag ?? (process.env['DISCO_HOME'] || join(dataFolder(), 'disco-inferno')))
  return {
    home,
    address: join(home, 'address.json'),
    tokens: join(home, 'tokens.json'),
    master: join(home, 'master'),
    nodes: join(home, 'nodes'),
    log: join(home, 'log'),
    run: join(home, 'run'),
  }
}

function dataFolder(): string {
  const given = process.env['XDG_DATA_HOME']
  if (given) return given
  const home = userHome()
  if (home) return join(home, '.local', 'share')
  throw new UserError('BAD_FLAG', 'there is no folder of yours to keep a cluster in: HOME is not set', {
    hint: 'name one with --home or DISCO_HOME',
    exitCode: 2,
  })
}

/** Tokens by their scope, as `disco start` made them; undefined when it never ran with this home. @throws UserError when unreadable */
export function readTokens(paths: HomePaths): Readonly<Record<string, string>> | undefined {
  return readJson(paths.tokens) as Readonly<Record<string, string>> | undefined
}

/** Names a cluster: what the flags of a command say. */
export interface ClusterChoice {
  readonly home?: string | undefined
  /** `http://host:port` of any node. */
  readonly master?: string | undefined
  readonly token?: string | undefined
  /** Certificate authority of the nodes' certificates, a PEM file. */
  readonly ca?: string | undefined
}

export interface ClusterAddress {
  /** Without a slash at the end. */
  readonly url: string
  readonly token: string | undefined
  readonly ca: string | undefined
}

/**
 * Finds the cluster: flag, environment (DISCO_MASTER, DISCO_TOKEN), the home folder of a running one, loopback.
 *
 * @throws UserError BAD_FLAG when an address is no URL
 */
export function findCluster(choice: ClusterChoice = {}): ClusterAddress {
  const paths = homePaths(choice.home)
  const told = choice.master ?? (process.env['DISCO_MASTER'] || undefined)
  const ownUrl = String(readJson(paths.address)?.['url'] ?? `http://127.0.0.1:${defaultPort}`)
  const url = parseUrl(told ?? ownUrl)
  const caFile = choice.ca ?? (process.env['DISCO_CA'] || undefined)
  return {
    url,
    token: choice.token ?? (process.env['DISCO_TOKEN'] || undefined) ?? tokenOfHome(paths, url, ownUrl),
    ca: caFile === undefined ? undefined : readCertificate(caFile),
  }
}

/** The home's token goes to the home's cluster and to this machine only: another machine could be anybody's. */
function tokenOfHome(paths: HomePaths, url: string, ownUrl: string): string | undefined {
  if (url !== ownUrl && !isLoopback(new URL(url).hostname)) return undefined
  const tokens = readTokens(paths)
  return tokens?.['admin'] ?? tokens?.['write']
}

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '[::1]' || (isIPv4(host) && host.startsWith('127.'))

function parseUrl(text: string): string {
  const isForeign = /^[a-z]+:\/\//i.test(text) && !/^(?:http|ws)s?:\/\//i.test(text)
  const withScheme = /^(?:http|ws)s?:\/\//i.test(text) ? text.replace(/^ws/i, 'http') : `http://${text}`
  if (isForeign || !URL.canParse(withScheme)) {
    throw new UserError('BAD_FLAG', `"${printable(text)}" is not the address of a cluster`, {
      hint: `write it as http://HOST:${defaultPort}`,
      exitCode: 2,
    })
  }
  const url = new URL(withScheme)
  if (url.port === '' && !/:\d+$/.test(withScheme.replace(/\/+$/, ''))) url.port = String(defaultPort)
  return url.origin
}

function readJson(path: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'))
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') return undefined
    throw new UserError('BAD_SETTING', `${path} cannot be read: ${messageOf(error)}`)
  }
}

function readCertificate(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new UserError('BAD_FLAG', `the certificate ${path} cannot be read: ${messageOf(error)}`, {exitCode: 2})
  }
}
