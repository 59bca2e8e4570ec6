/** Everything the blob core knows. Changed only by `step`. */
import {type Random, seededRandom} from '../../base/index.ts'
import type {BlobId, NodeName} from '../../protocol/index.ts'
import {type Balance, makeBalance} from './balance-state.ts'
import type {Call} from './calls.ts'
import type {Collection} from './collect-state.ts'
import {type Directory, makeDirectory} from './directory.ts'
import type {Coverage} from './events.ts'
import type {Copy, Trouble} from './repair.ts'
import {makeRepairQueue, type RepairQueue} from './repair-queue.ts'
import type {DirectoryStatus} from './report.ts'
import type {NodeScrub} from './scrub.ts'
import type {ScrubRequest} from './scrub-request.ts'
import {type BlobSettings, blobSettingsDefault} from './settings.ts'
import type {Settling} from './settling.ts'
import type {SurplusBlob, Trim} from './trim.ts'

export interface StorageNode {
  readonly name: NodeName
  /** Its bit in the directory. Used again after the node was removed. */
  readonly index: number
  /** `awaited`: a member that this master has not heard yet. */
  state: 'awaited' | 'up' | 'lost'
  isDraining: boolean
  /** Number of its connection. */
  link: number
  /** What the directory says of it is certain only when `complete`; `coming` from the first page on. */
  inventory: 'unknown' | 'coming' | 'complete'
  /** Of the last status, changed by what was stored and dropped since. */
  freeBytes: number
  usedBytes: number
  reserveBytes: number
  isFull: boolean
  transferCount: number
  corruptCount: number
  /** Names of its disks, of the last status; none of an older node. */
  disks: readonly string[]
  /** Other nodes with one of these: a copy there is lost with the same disk, and what comes there takes its room. */
  diskSharers: readonly StorageNode[]
  /** Until the first status nothing is placed on it. */
  hasStatus: boolean
  /** Uploads that clients were sent here for, oldest first. */
  uploads: {readonly target: string; readonly bytes: number; readonly untilMs: number}[]
  /** Copies in flight to it and from it. */
  copiesIn: number
  copiesOut: number
  /** Bytes of the copies in flight to it. */
  copiesInBytes: number
  /** Blobs that it may hold or not; asked by touching them. */
  readonly doubts: Set<BlobId>
  isBeingAsked: boolean
  /** After no answer the next question waits. */
  askAgainMs: number
  scrub: NodeScrub
  /** A page is being read: one at a time, whoever wants it. */
  isScrubbing: boolean
}

/** Sets of nodes as bits, remade whenever a node changes. */
export interface Masks {
  up: Uint32Array
  /** Up and not draining: its copies count, and new ones may go there. */
  counted: Uint32Array
  /** Counted, and its inventory is complete: its copies are enough reason to drop others. */
  confirmed: Uint32Array
  countedCount: number
}

export interface Naming {
  readonly id: number
  readonly bytes: ReadonlyMap<BlobId, number>
  readonly replicaCount: number
  readonly replicaCountMin: number
  readonly confirmed: Map<BlobId, number>
  /** Blobs that still lack confirmations. */
  readonly lacking: Set<BlobId>
  /** Nodes that were asked and did not answer: what nobody has confirmed may be there. */
  readonly silent: Set<NodeName>
  callsLeft: number
  isAnswered: boolean
}

export interface BlobState {
  readonly coverage: Coverage
  readonly random: Random
  readonly directory: Directory
  readonly nodes: Map<NodeName, StorageNode>
  readonly nodeByIndex: (StorageNode | undefined)[]
  masks: Masks
  settings: BlobSettings
  epoch: number
  nowMs: number
  /** When the first event came. */
  startedMs: number | undefined
  /** When a node last came, went, or began or ended draining. */
  nodesChangedMs: number
  nextCall: number
  readonly calls: Map<number, Call>
  /** No call's deadline is earlier. */
  nextDeadlineMs: number
  readonly namings: Set<Naming>
  readonly repair: {
    readonly queue: RepairQueue
    readonly copies: Set<Copy>
    readonly troubles: Map<number, Trouble>
    /** Earliest end of a pause among the troubles. */
    nextRetryMs: number
    tokens: number
    refilledMs: number
    /** Of all copies since the start, for the rate. */
    doneCount: number
    doneBytes: number
  }
  /** Next slot of the pass over the directory, and whether it must begin again when it ends. -1: no pass. */
  readonly sweep: {cursor: number; isWantedAgain: boolean; nextMs: number}
  readonly surplus: {queue: SurplusBlob[]; readonly trims: Set<Trim>}
  readonly balance: Balance
  readonly collection: Collection
  /** The scrub that was asked for last; it stays when it has ended. */
  scrubRequest: ScrubRequest | undefined
  /** By slot: blobs that were stored or named a moment ago, see `settling.ts`. */
  readonly settling: Map<number, Settling>
  /** Copies found corrupt, oldest first. */
  readonly corruptSeen: Map<BlobId, NodeName>
  /** What needs a pass over the directory. */
  summary: {readonly madeMs: number; readonly status: DirectoryStatus} | undefined
  /** The wake that was ordered last and has not come; Infinity: none. */
  wakeMs: number
}

export interface BlobStateOptions {
  readonly coverage: Coverage
  readonly seed: number
  readonly settings?: Partial<BlobSettings>
}

/**
 * A core that knows no nodes and no blobs. Its first event is `master-started`, which brings epoch and members.
 *
 * `seed` breaks ties between equal nodes: same seed and events, same effects. `coverage` is asked before blobs are collected.
 */
export function makeBlobState(options: BlobStateOptions): BlobState {
  return {
    coverage: options.coverage,
    random: seededRandom(options.seed),
    directory: makeDirectory(),
    nodes: new Map(),
    nodeByIndex: [],
    masks: {up: new Uint32Array(1), counted: new Uint32Array(1), confirmed: new Uint32Array(1), countedCount: 0},
    settings: {...blobSettingsDefault, ...options.settings},
    epoch: 0,
    nowMs: 0,
    startedMs: undefined,
    nodesChangedMs: 0,
    nextCall: 1,
    calls: new Map(),
    nextDeadlineMs: Infinity,
    namings: new Set(),
    repair: {
      queue: makeRepairQueue(),
      copies: new Set(),
      troubles: new Map(),
      nextRetryMs: Infinity,
      tokens: 0,
      refilledMs: 0,
      doneCount: 0,
      doneBytes: 0,
    },
    sweep: {cursor: -1, isWantedAgain: false, nextMs: 0},
    surplus: {queue: [], trims: new Set()},
    balance: makeBalance(),
    collection: {round: undefined, waiting: [], lastNumber: 0, nextMs: 0, restUntilMs: 0, last: undefined},
    scrubRequest: undefined,
    settling: new Map(),
    corruptSeen: new Map(),
    summary: undefined,
    wakeMs: Infinity,
  }
}

/** Nodes that are up, in the order of their joining. */
export const nodesUp = (state: BlobState): StorageNode[] => [...state.nodes.values()].filter(isUp)

export const isUp = (node: StorageNode): boolean => node.state === 'up'

/** Its copies count, and new ones may go there. */
export const isCounted = (node: StorageNode): boolean => node.state === 'up' && !node.isDraining

export const isConfirmed = (node: StorageNode): boolean => isCounted(node) && node.inventory === 'complete'

/** Share of its space that is used, with what is on its way to it. 1 when it says nothing. */
export function usedFractionOf(node: StorageNode): number {
  const totalBytes = node.usedBytes + node.freeBytes
  if (totalBytes <= 0) return 1
  return Math.min(1, (node.usedBytes + comingBytesOf(node)) / totalBytes)
}

/** Bytes that may still be sent to it: free, less the reserve, less what is on its way there or to a node on the same disk. */
export function roomOf(node: StorageNode): number {
  let room = node.freeBytes - node.reserveBytes - comingBytesOf(node)
  for (const other of node.diskSharers) room -= comingBytesOf(other)
  return room
}

function comingBytesOf({copiesInBytes, uploads}: StorageNode): number {
  let bytes = copiesInBytes
  for (const upload of uploads) bytes += upload.bytes
  return bytes
}
