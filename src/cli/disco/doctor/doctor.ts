/** Everything the doctor looks at, and what it says. Reads only; a file of its own is written and removed to time the disk. */
import {createServer} from 'node:net'
import {ClusterError, excerptOf, messageOf, UserError} from '../../../base/index.ts'
import {
  type ClusterChoice,
  ClusterClient,
  defaultPort,
  findCluster,
  homePaths,
  loadSettings,
} from '../../../client/index.ts'
import type {TokenList} from '../../../protocol/index.ts'
import {aligned} from '../../ddfs/text.ts'
import {lookAtCluster} from './cluster.ts'
import {bad, type Finding, fine, warn} from './finding.ts'
import {lookAtMachine} from './machine.ts'

/** @param version - of this program */
export async function examine(choice: ClusterChoice, version: string): Promise<Finding[]> {
  return [
    fine('program', `${version}, Node ${process.versions.node}`),
    ...(await lookAtSettings()),
    ...machineOf(choice),
    ...(await askCluster(choice, version)),
  ]
}

/** Settings of rules, which other commands of this program read. */
async function lookAtSettings(): Promise<Finding[]> {
  try {
    await loadSettings(undefined)
    return []
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    return [bad('settings', messageOf(error), error.hint ?? 'mend the file, or move it away')]
  }
}

/** Without HOME nothing says where the home folder is: the rest can be looked at all the same. */
function machineOf({home}: ClusterChoice): Finding[] {
  try {
    return lookAtMachine(homePaths(home))
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    return [bad('folder', messageOf(error), error.hint ?? 'name one with --home')]
  }
}

/** What says where the cluster is can be broken itself: files of the home folder, addresses, certificates. */
async function askCluster(choice: ClusterChoice, version: string): Promise<Finding[]> {
  let client: ClusterClient
  try {
    client = new ClusterClient(findCluster(choice))
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    const advice = error.hint ?? 'mend or move away what it names, or name the cluster with --master and --token'
    return [bad('cluster', `it cannot be asked: ${messageOf(error)}`, advice)]
  }
  const {url} = client.address
  try {
    const beforeMs = Date.now()
    const cluster = await client.cluster()
    const atMs = (beforeMs + Date.now()) / 2
    const [{nodes}, settings, maintenance, tokens] = await Promise.all([
      client.nodes(),
      client.settings(),
      client.maintenance(),
      tokensIfAllowed(client),
    ])
    const asked = {url, cluster, atMs, nodes, settings, maintenance, tokens, version}
    return [fine('cluster', `answers at ${url}`), ...lookAtCluster(asked)]
  } catch (error) {
    if (!(error instanceof UserError || error instanceof ClusterError)) throw error
    return noAnswer(url, error)
  } finally {
    client.close()
  }
}

async function tokensIfAllowed(client: ClusterClient): Promise<TokenList['tokens'] | undefined> {
  try {
    return (await client.tokens()).tokens
  } catch (error) {
    if (error instanceof UserError && error.code === 'FORBIDDEN') return undefined
    throw error
  }
}

async function noAnswer(url: string, error: UserError | ClusterError): Promise<Finding[]> {
  if (error.code !== 'CANNOT_REACH') return [bad('cluster', messageOf(error), error.hint ?? 'see its log')]
  const {hostname, port} = new URL(url)
  const silent = bad(
    'cluster',
    `nothing answers at ${url}`,
    'start it: disco start --detach; or name another with --master',
  )
  if (!['127.0.0.1', 'localhost'].includes(hostname)) return [silent]
  const number = Number(port || defaultPort)
  return [
    silent,
    (await isFree(number))
      ? fine('port', `${number} is free`)
      : warn('port', `something else listens at ${number}`, `find it with: ss -ltnp; or start with --port`),
  ]
}

function isFree(port: number): Promise<boolean> {
  const server = createServer()
  return new Promise(resolve => {
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}

/** A line a matter, and below it what to do. */
export function doctorText(findings: readonly Finding[]): string {
  const lines = aligned(findings.map(({level, about, text}) => [level, about, excerptOf(text, 300)])).split('\n')
  return findings
    .map(({advice}, index) => `${lines[index] ?? ''}\n${advice === undefined ? '' : `      -> ${advice}\n`}`)
    .join('')
}
