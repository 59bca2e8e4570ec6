/** Where may a new blob go: the emptiest nodes that can take it, counting the uploads that are on their way. */
import type {NodeName} from '../../protocol/index.ts'
import type {BlobAnswer, PlaceRequest, Refused} from './events.ts'
import {loadSteps, namedInTextMax, uploadHoldMs, uploadsPerNodeMax} from './limits.ts'
import {type BlobState, roomOf, type StorageNode, usedFractionOf} from './state.ts'

/**
 * Chooses nodes for the copies of a new blob, best first, and counts them as uploading to there.
 *
 * Fewer nodes than wanted is not an error: repair makes the rest when nodes come back. The warning says which nodes are
 * left out and why. No node at all is DISK_FULL when only space is lacking, else UNAVAILABLE.
 */
export function placeUpload(state: BlobState, request: PlaceRequest): BlobAnswer {
  const nodes = [...state.nodes.values()]
  for (const node of nodes) dropOldUploads(node, state.nowMs)
  const fit = nodes.filter(node => reasonAgainst(node, request) === undefined)
  const rank = new Map(
    fit.map(node => [node, {step: Math.floor(usedFractionOf(node) * loadSteps), tie: state.random.next()}]),
  )
  fit.sort((left, right) => {
    const nearFirst = Number(right.name === request.near) - Number(left.name === request.near)
    const [one, other] = [rank.get(left)!, rank.get(right)!]
    return nearFirst || one.step - other.step || left.transferCount - right.transferCount || one.tie - other.tie
  })
  const chosen = choose(fit, state, request)
  if (chosen.length === 0) return refusal(nodes, request)
  const placed = chosen.map(node => ({node: node.name, freeBytes: node.freeBytes}))
  const isEnough = chosen.length === request.replicaCount
  // Before they are held: what comes there is no reason against a node that was chosen.
  const warning = isEnough ? {} : {warning: warningOf(nodes, request, chosen)}
  for (const node of chosen) {
    if (node.uploads.length >= uploadsPerNodeMax) node.uploads.shift()
    node.uploads.push({target: request.target, bytes: request.bytes, untilMs: state.nowMs + uploadHoldMs})
  }
  return {type: 'placed', nodes: placed, ...warning}
}

/**
 * The first ones, but on different disks as long as there are any. Copies on one disk need their room together.
 *
 * @param fit - best first
 */
function choose(fit: readonly StorageNode[], state: BlobState, request: PlaceRequest): StorageNode[] {
  const chosen: StorageNode[] = []
  const sharersIn = (list: readonly StorageNode[], node: StorageNode): number =>
    list.filter(other => node.diskSharers.includes(other)).length
  const excluded = request.exclude.flatMap(name => state.nodes.get(name) ?? [])
  for (const mayShare of [false, true]) {
    for (const node of fit) {
      if (chosen.length === request.replicaCount) return chosen
      if (chosen.includes(node)) continue
      const sharerCount = sharersIn(chosen, node)
      if (!mayShare && sharerCount + sharersIn(excluded, node) > 0) continue
      if (roomOf(node) >= request.bytes * (sharerCount + 1)) chosen.push(node)
    }
  }
  return chosen
}

function dropOldUploads(node: StorageNode, nowMs: number): void {
  if ((node.uploads[0]?.untilMs ?? Infinity) <= nowMs) node.uploads = node.uploads.filter(one => one.untilMs > nowMs)
}

type Reason = 'excluded' | 'away' | 'lost' | 'draining' | 'silent' | 'full'

function reasonAgainst(node: StorageNode, request: PlaceRequest): Reason | undefined {
  if (request.exclude.includes(node.name)) return 'excluded'
  if (node.state === 'awaited') return 'away'
  if (node.state === 'lost') return 'lost'
  if (node.isDraining) return 'draining'
  if (!node.hasStatus) return 'silent'
  return node.isFull || roomOf(node) < request.bytes ? 'full' : undefined
}

function textOf(node: StorageNode, reason: Reason): string {
  switch (reason) {
    case 'excluded':
      return `${node.name} is excluded`
    case 'away':
      return `${node.name} has not connected yet`
    case 'silent':
      return `${node.name} has not told its free space yet`
    case 'full':
      return `${node.name} has no room: ${node.freeBytes} bytes free, ${node.reserveBytes} of them reserved`
    default:
      return `${node.name} is ${reason}`
  }
}

const reasonsText = (nodes: readonly StorageNode[], request: PlaceRequest): string => {
  const texts = nodes.flatMap(node => {
    const reason = reasonAgainst(node, request)
    return reason === undefined ? [] : [textOf(node, reason)]
  })
  const more = texts.length > namedInTextMax ? `; and ${texts.length - namedInTextMax} more` : ''
  return texts.slice(0, namedInTextMax).join('; ') + more
}

function warningOf(nodes: readonly StorageNode[], request: PlaceRequest, chosen: readonly StorageNode[]): string {
  const size = nodes.length === 1 ? 'the cluster has 1 node' : `the cluster has ${nodes.length} nodes`
  const reasons = nodes.length < request.replicaCount ? [size] : []
  const text = reasonsText(nodes, request)
  if (text !== '') reasons.push(text)
  const crowded = nodes.filter(node => !chosen.includes(node) && reasonAgainst(node, request) === undefined)
  if (crowded.length > 0) {
    const names = namesText(crowded.map(({name}) => name))
    reasons.push(
      `${names} ${crowded.length === 1 ? 'has' : 'have'} no room for one more on a disk shared with another node`,
    )
  }
  return `${chosen.length} of ${request.replicaCount} copies: ${reasons.join('; ')}`
}

function refusal(nodes: readonly StorageNode[], request: PlaceRequest): Refused {
  const reasons = new Set(nodes.map(node => reasonAgainst(node, request)))
  const why = nodes.length === 0 ? 'no node has connected yet' : reasonsText(nodes, request)
  const isSpace = reasons.has('full')
  return {
    type: 'refused',
    code: isSpace ? 'DISK_FULL' : 'UNAVAILABLE',
    message: `no node can take a blob of ${request.bytes} bytes: ${why}`,
    hint: isSpace ? 'free space on a node, or add a node' : 'see the nodes with: disco nodes',
  }
}

/** For messages: some names, and how many more there are. */
export function namesText(names: readonly (NodeName | string)[]): string {
  const more = names.length > namedInTextMax ? ` and ${names.length - namedInTextMax} more` : ''
  return names.slice(0, namedInTextMax).join(', ') + more
}
