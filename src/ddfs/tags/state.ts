/** What the tag coordinator holds. `step` alone changes it. */
import type {Commit, Failed, NodeName, TagEntry, TagHead, TagName, Version} from '../../protocol/index.ts'
import {replicaCountDefault} from '../../protocol/index.ts'
import {quarantineMsDefault, replaceAfterMsDefault, tombstoneMsDefault} from './limits.ts'
import type {MemberSeed, TagEffect, TagError, TagQuery, TagResult, TagSettings} from './messages.ts'

export interface Member {
  readonly node: NodeName
  isUp: boolean
  /** When its link came, by the steady clock. */
  joinedMs: number
  /** Set while it is not up: since when, by the steady clock. */
  lostAtMs: number
  /** Takes new data. */
  isPlaceable: boolean
  isDraining: boolean
  isRemoved: boolean
  isWiped: boolean
  /** All that it holds was reported since its link is there. */
  hasInventory: boolean
  /** Tags named by the inventory that is coming in. */
  reported: Set<TagName>
}

/** A node's copy of a tag, as last heard. It may be newer by orders whose answer is missing, never older. */
export interface Copy {
  readonly node: NodeName
  version: Version
}

export interface TagRecord {
  readonly tag: TagName
  /** Owned: the committed one. Else the highest that was heard of; absent: none is known to be there. */
  head: TagHead | undefined
  copies: Copy[]
  /** This master has read it from a majority, and knows the outcome of everything it ordered since. */
  isOwned: boolean
  /** Highest counter that this master gave out; 0: none. Never given out twice. */
  issuedCounter: number
  /** Last order that could change a copy. */
  touchedMs: number
}

export type ChangeQuery = Extract<TagQuery, {type: 'change'}>
export type ReadQuery = Extract<TagQuery, {type: 'head' | 'entries' | 'log'}>

export type Decision = {readonly result: TagResult} | {readonly error: TagError}

/** Something that waits for its turn at a tag. */
export type Job =
  | {
      readonly type: 'change'
      readonly id: number
      readonly query: ChangeQuery
      readonly deadlineMs: number
      readonly arrived: number
      decided?: Decision
    }
  | {
      readonly type: 'read'
      readonly id: number
      readonly query: ReadQuery
      readonly deadlineMs: number
      /** When it came, in `state.clock`. Only what is learnt later counts for it. */
      readonly arrived: number
      tries: number
    }
  | {readonly type: 'mend'}
export type ReadJob = Extract<Job, {type: 'read'}>
export type ChangeJob = Extract<Job, {type: 'change'}>

/** `behind`: it is at another version and must be synced. */
export type FlightStatus = 'pending' | 'acked' | 'behind' | 'refused' | 'silent'

export interface Flight {
  readonly commit: Commit
  readonly job: ChangeJob | undefined
  /** The deadline passed and the client was told so. */
  isAnswered: boolean
  /** A majority of each is needed. Two while the tag moves. */
  readonly quorums: readonly (readonly NodeName[])[]
  readonly statuses: Map<NodeName, FlightStatus>
  readonly refusals: Failed[]
  result: {readonly head: TagHead; readonly addedCount: number; readonly removedCount: number} | undefined
  readonly existed: boolean
}

export type Phase =
  | {readonly type: 'idle'}
  /** Asking for heads. */
  | {
      readonly type: 'gather'
      readonly started: number
      readonly startedMs: number
      readonly replies: Map<NodeName, TagHead | undefined>
      readonly pending: Set<NodeName>
      readonly silent: Set<NodeName>
    }
  | {
      readonly type: 'commit'
      readonly kind: 'claim' | 'change' | 'place' | 'purge'
      readonly flights: Flight[]
      readonly syncTries: Map<NodeName, number>
    }
  /** The queue waits until the syncs are done, then mending goes on. */
  | {readonly type: 'hold'}
  | {readonly type: 'forget'; readonly isTombstone: boolean; readonly pending: Set<NodeName>; hasFailed: boolean}
  /** A page is read while nothing changes. */
  | {readonly type: 'read'}

/** A round that asks a majority whether this master is still obeyed. */
export interface ReadRound {
  readonly readers: (ReadJob | ChangeJob)[]
  readonly replicas: readonly NodeName[]
  readonly confirmed: Set<NodeName>
  /** They answered that they have no copy. */
  readonly empty: Set<NodeName>
  readonly pending: Set<NodeName>
}

/** A tag on which something is going on. */
export interface Work {
  readonly tag: TagName
  readonly queue: Job[]
  phase: Phase
  round: ReadRound | undefined
  nextReaders: (ReadJob | ChangeJob)[]
  /** Reads of pages and of logs that are under way. */
  pageReads: number
  /** Nodes that copy the tag now. */
  readonly syncs: Set<NodeName>
  /** Syncs since it was last whole. */
  syncCount: number
  /** Nodes that could not be synced in this mending. */
  readonly failedSyncs: Set<NodeName>
  /** When a gather that found nothing began, in `state.clock`; only while nothing was ordered since. */
  missingSince: number | undefined
  isMendQueued: boolean
}

export type Call = {readonly node: NodeName; readonly tag: TagName; readonly deadlineMs: number} & (
  | {readonly type: 'gather'; readonly phase: Phase}
  | {readonly type: 'confirm'; readonly round: ReadRound}
  | {readonly type: 'commit'; readonly version: Version; readonly isRepeat: boolean}
  | {readonly type: 'sync'; readonly atLeast: Version}
  /** Has it a copy? After a sync without a reply. */
  | {readonly type: 'look'}
  | {readonly type: 'forget'}
  | {readonly type: 'page'; readonly job: ReadJob; readonly head: TagHead; readonly isHeld: boolean}
)

/** One look at all tags, in slices. */
export interface Sweep {
  readonly names: Iterator<TagName>
  /** All members were up with their inventories from beginning to end. */
  isWhole: boolean
  smallest: number
  /** Nodes that lack something they should have. */
  readonly behind: Set<NodeName>
  readonly named: Set<NodeName>
}

export interface TagsState {
  readonly epoch: number
  settings: TagSettings
  readonly members: Map<NodeName, Member>
  /** No tag of the cluster has fewer replicas than this. */
  floor: number
  readonly tags: Map<TagName, TagRecord>
  /** All names of `tags`; in order when `isSorted`. May hold names that are gone. */
  names: TagName[]
  isSorted: boolean
  /** Highest counter of all tags that were forgotten: a name that is used again goes on behind it. */
  forgottenCounter: number
  readonly works: Map<TagName, Work>
  readonly touched: Set<TagName>
  readonly calls: Map<number, Call>
  nextCall: number
  /** Counts events: what came first. */
  clock: number
  requestCount: number
  /** Tags to be mended. */
  readonly mendQueue: Set<TagName>
  readonly mending: Set<TagName>
  sweep: Sweep | undefined
  nextSweepMs: number
  /** Tombstones: since when this master knows of them, and whether it made them. */
  readonly tombstones: Map<TagName, {readonly sinceMs: number; readonly isOwn: boolean}>
  wallOffsetMs: number | undefined
  holdPurgeUntilMs: number
  wakeAtMs: number | undefined
  nowMs: number
  supersededBy: number | undefined
}

/** Passed down a step. */
export interface Context {
  readonly state: TagsState
  readonly effects: TagEffect[]
  readonly nowMs: number
  readonly wallMs: number
}

export const defaultTagSettings: TagSettings = {
  quarantineMs: quarantineMsDefault,
  tombstoneMs: tombstoneMsDefault,
  replaceAfterMs: replaceAfterMsDefault,
  replicaCount: replicaCountDefault,
}

/**
 * A coordinator that knows no tags yet.
 *
 * @param epoch - above every epoch that was heard of, and never shared by two masters
 * @param members - the member list; may be empty and come later by `members-adopted`
 * @param floor - what the last `remember-floor` said; 1 when that is not known
 */
export function newTagsState(options: {
  readonly epoch: number
  readonly settings?: TagSettings
  readonly members?: readonly MemberSeed[]
  readonly floor?: number
  readonly nowMs: number
}): TagsState {
  const members = new Map((options.members ?? []).map(seed => [seed.node, newMember(seed, options.nowMs)]))
  return {
    epoch: options.epoch,
    settings: options.settings ?? defaultTagSettings,
    members,
    floor: options.floor ?? 1,
    tags: new Map(),
    names: [],
    isSorted: true,
    forgottenCounter: 0,
    works: new Map(),
    touched: new Set(),
    calls: new Map(),
    nextCall: 1,
    clock: 0,
    requestCount: 0,
    mendQueue: new Set(),
    mending: new Set(),
    sweep: undefined,
    nextSweepMs: options.nowMs,
    tombstones: new Map(),
    wallOffsetMs: undefined,
    holdPurgeUntilMs: 0,
    wakeAtMs: undefined,
    nowMs: options.nowMs,
    supersededBy: undefined,
  }
}

/** Of a node that has not joined: it may be up, and nothing is known of what it has. */
export function newMember(seed: MemberSeed, nowMs: number): Member {
  return {
    ...seed,
    isUp: false,
    joinedMs: nowMs,
    lostAtMs: nowMs,
    isPlaceable: false,
    hasInventory: false,
    reported: new Set(),
  }
}

export const entriesOf = (query: ChangeQuery): readonly TagEntry[] =>
  'entries' in query.change ? query.change.entries : []
