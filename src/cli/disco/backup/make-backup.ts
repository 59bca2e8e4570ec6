/** Asks nodes for what they must not lose and puts it into one file. */
import {existsSync, readdirSync} from 'node:fs'
import {ClusterError, messageOf, UserError} from '../../../base/index.ts'
import {type ClusterAddress, type ClusterChoice, ClusterClient, findCluster, homePaths} from '../../../client/index.ts'
import type {NodeInfo} from '../../../protocol/index.ts'
import {BackupWriter, parseFiles} from '../../../storage/index.ts'

export interface BackupReport {
  readonly path: string
  readonly bytes: number
  readonly fileCount: number
  readonly nodes: readonly string[]
  readonly hasMaster: boolean
  /** Nodes of the cluster that are not in it. */
  readonly others: readonly string[]
}

/**
 * @param names - of nodes; none: the master and the nodes whose folders are in the home folder
 * @throws UserError NODE_NOT_FOUND, NOT_RUNNING, DIR_NOT_EMPTY; ClusterError UNAVAILABLE when a node does not answer
 */
export async function makeBackup(
  choice: ClusterChoice,
  path: string,
  {names, software}: {readonly names: readonly string[]; readonly software: string},
): Promise<BackupReport> {
  if (existsSync(path)) {
    throw new UserError('DIR_NOT_EMPTY', `${path} is there already`, {hint: 'a backup never replaces another'})
  }
  const address = findCluster(choice)
  const client = new ClusterClient(address)
  try {
    const [cluster, {nodes}] = await Promise.all([client.cluster(), client.nodes()])
    const members = nodes.filter(({state}) => state !== 'removed')
    const {home, nodes: nodesFolder, master} = homePaths(choice.home)
    const wanted = names.length > 0 ? names : existsSync(nodesFolder) ? readdirSync(nodesFolder).sort() : []
    const chosen = wanted.map(name => nodeOf(members, name))
    const hasMaster = names.length === 0 ? existsSync(master) : chosen.some(({isMaster}) => isMaster)
    if (chosen.length === 0 && !hasMaster) {
      throw new UserError('NOT_RUNNING', `no node has its folder in ${home}`, {
        hint: 'name a home folder with --home, or nodes with --node',
      })
    }
    const urls = new Set([...(hasMaster ? [cluster.address] : []), ...chosen.map(node => node.address)])
    await using writer = await createWriter(path)
    for (const url of urls) await addNode(writer, {...address, url})
    const inIt = chosen.map(({name}) => name)
    const made = await writer.finish({
      software,
      createdAtMs: Date.now(),
      clusterId: cluster.clusterId,
      members: members.map(({name}) => name),
      nodes: inIt,
      hasMaster,
    })
    const others = members.map(({name}) => name).filter(name => !inIt.includes(name))
    return {path, ...made, nodes: inIt, hasMaster, others}
  } finally {
    client.close()
  }
}

function nodeOf(members: readonly NodeInfo[], name: string): NodeInfo {
  const node = members.find(one => one.name === name)
  if (node === undefined) {
    throw new UserError('NODE_NOT_FOUND', `there is no node "${name}" in the cluster`, {hint: 'see them: disco nodes'})
  }
  if (node.state === 'up' || node.state === 'draining') return node
  throw new ClusterError('UNAVAILABLE', `node ${name} does not answer: nothing was backed up`, {
    hint: `start it, or name the others with --node`,
  })
}

async function createWriter(path: string): Promise<BackupWriter> {
  try {
    return await BackupWriter.create(path)
  } catch (error) {
    throw new UserError('OUTPUT_FAILED', `${path} cannot be written: ${messageOf(error)}`, {cause: error})
  }
}

async function addNode(writer: BackupWriter, address: ClusterAddress): Promise<void> {
  const client = new ClusterClient(address)
  try {
    const stream = await client.backup()
    for (const file of parseFiles(stream.list, address.url)) await writer.add(file, stream.next(file.bytes))
  } finally {
    client.close()
  }
}
