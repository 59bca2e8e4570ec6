/** Endpoints about nodes, settings and the cluster as a whole. */
import {ClusterError, UserError} from '../../../base/index.ts'
import type {BlobStatus} from '../../../ddfs/index.ts'
import {tagCountOn} from '../../../ddfs/index.ts'
import type {Member} from '../../../mesh/index.ts'
import type {ClusterInfo, NodeInfo, NodeName, NodeState} from '../../../protocol/index.ts'
import {type Handler, readBody} from '../../http/index.ts'
import type {Master} from '../master.ts'
import {settingInfos} from '../settings.ts'
import {diskSharersOf, roomOf} from './room.ts'
import {removeBody, settingBody} from './schemas.ts'

/** Of the process that the master runs in. */
export interface MasterPlace {
  readonly name: NodeName
  readonly address: string
  readonly version: string
}

type Names = 'cluster' | 'nodes' | 'drainNode' | 'undrainNode' | 'removeNode' | 'settings' | 'setSetting'

/** Without `force`, `removeNode` refuses a node that is not drained: what only it holds would be lost. */
export function nodeHandlers(master: Master, place: MasterPlace): Record<Names, Handler> {
  const one = async (name: NodeName): Promise<NodeInfo> => {
    const found = (await nodesOf(master, place)).find(node => node.name === name)
    if (found !== undefined) return found
    throw new UserError('NODE_NOT_FOUND', `there is no node "${name}"`, {hint: 'see the names with: disco nodes'})
  }
  const drain =
    (isDraining: boolean): Handler =>
    async ({parameters}) => {
      const name = parameters['node'] ?? ''
      await one(name)
      master.drain(name, isDraining)
      return {body: await one(name)}
    }
  return {
    cluster: async () => ({body: await clusterOf(master, place)}),
    nodes: async () => ({body: {nodes: await nodesOf(master, place)}}),
    drainNode: drain(true),
    undrainNode: drain(false),
    removeNode: async ({parameters, request}) => {
      const {force = false} = await readBody(request, removeBody)
      const node = await one(parameters['node'] ?? '')
      if (!force) checkRemovable(node)
      master.remove(node.name)
      return {body: {...node, state: 'removed'}}
    },
    settings: async ({query}) =>
      query.get('details') === 'true'
        ? {body: {settings: settingInfos(master.settings.numbers())}}
        : {body: master.settings.texts()},
    setSetting: async ({parameters, request}) => {
      const {value} = await readBody(request, settingBody)
      master.settings.set(parameters['setting'] ?? '', value)
      return {body: master.settings.texts()}
    },
  }
}

function checkRemovable(node: NodeInfo): void {
  if (node.isSafeToRemove === true) return
  const hint = `first: disco node drain ${node.name}   (if it is gone for good: disco node remove ${node.name} --force)`
  if (node.state === 'draining') {
    const left = `${node.drainBlobsLeft ?? 0} blobs and ${node.drainTagsLeft ?? 0} tags`
    throw new ClusterError('UNAVAILABLE', `${node.name} is not drained yet: ${left} are left`, {hint, retryable: false})
  }
  throw new UserError('BAD_SETTING', `${node.name} is not drained: what only it holds would be lost`, {hint})
}

/**
 * All members but removed ones, by name. `lastSeenMs` is wall clock, and this master's start for a node that it has not heard.
 *
 * @throws ClusterError UNAVAILABLE when the master stops
 */
export async function nodesOf(master: Master, place: MasterPlace): Promise<NodeInfo[]> {
  const {status} = await master.blobs.ask({type: 'status'}, 'status')
  return master.mesh
    .members()
    .filter(member => member.state !== 'removed')
    .map(member => nodeOf(master, place, status, member))
}

function nodeOf(master: Master, place: MasterPlace, blobs: BlobStatus, member: Member): NodeInfo {
  const {name, address = '', pid, slotCount, status, software, lastSeenMs} = member
  const seenAgoMs = lastSeenMs === undefined ? undefined : performance.now() - lastSeenMs
  return {
    name,
    state: stateOf(member),
    address,
    pid,
    slotCount,
    ...(status === undefined ? {} : {status}),
    lastSeenMs: seenAgoMs === undefined ? master.startedAtMs : Math.round(Date.now() - seenAgoMs),
    version: software,
    isMaster: name === place.name,
    ...(member.isDraining ? drainOf(master, blobs, name) : {}),
  }
}

const stateOf = (member: Member): NodeState => (member.state === 'joining' ? 'suspect' : member.state)

function drainOf(
  master: Master,
  blobs: BlobStatus,
  node: NodeName,
): Pick<NodeInfo, 'isSafeToRemove' | 'drainBlobsLeft' | 'drainTagsLeft'> {
  const drain = blobs.drains.find(one => one.node === node)
  const drainTagsLeft = tagCountOn(master.tags.state, node)
  return {
    isSafeToRemove: drain?.isSafe === true && drainTagsLeft === 0,
    drainBlobsLeft: drain?.leftCount ?? 0,
    drainTagsLeft,
  }
}

/**
 * The cluster in one look. `freeBytes` counts only nodes that take data, `tagCount` tags of nodes that were heard.
 *
 * @throws ClusterError UNAVAILABLE when the master stops
 */
export async function clusterOf(master: Master, place: MasterPlace): Promise<ClusterInfo> {
  const nodes = await nodesOf(master, place)
  const {status} = await master.blobs.ask({type: 'status'}, 'status')
  const {total} = await master.tags.ask({type: 'stats', prefix: ''}, 'stats')
  const sharers = diskSharersOf(nodes)
  const sum = (of: (node: NodeInfo) => number): number => nodes.reduce((all, node) => all + of(node), 0)
  return {
    clusterId: master.mesh.view.cluster,
    epoch: master.epoch,
    master: place.name,
    address: place.address,
    version: place.version,
    startedAtMs: master.startedAtMs,
    nowMs: Date.now(),
    nodeCount: nodes.length,
    upCount: nodes.filter(node => node.state === 'up').length,
    tagCount: total.tagCount,
    blobCount: status.blobCount,
    usedBytes: sum(node => node.status?.usedBytes ?? 0),
    freeBytes: roomOf(nodes),
    ...(sharers.length === 0 ? {} : {diskSharers: sharers}),
    warnings: warningsOf(nodes, status),
  }
}

function warningsOf(nodes: readonly NodeInfo[], status: BlobStatus): string[] {
  const warnings = nodes.flatMap(node => {
    if (node.state === 'lost') return [`node ${node.name} is lost: what it held is copied to others`]
    if (node.state === 'suspect') return [`node ${node.name} does not answer`]
    return node.status?.isFull === true ? [`node ${node.name} is full: it takes no new data`] : []
  })
  const {missingCount, underCount} = status.repair
  if (missingCount > 0)
    warnings.push(
      `${missingCount === 1 ? '1 blob is' : `${missingCount} blobs are`} on no node that answers (see: ddfs fsck)`,
    )
  if (underCount > 0)
    warnings.push(
      `${underCount === 1 ? '1 blob has' : `${underCount} blobs have`} fewer copies than wanted: repair is at work`,
    )
  return warnings
}
