/** A round of garbage collection: what it is doing and what it found. */
import type {BlobId, NodeName} from '../../protocol/index.ts'
import type {CoverageAnswer} from './events.ts'

export interface RoundCounts {
  /** Idle blobs that were looked at, each once. */
  readonly lookedCount: number
  readonly usedCount: number
  /** Found unused for the first time (in a dry run: would become suspect). */
  readonly suspectCount: number
  readonly suspectBytes: number
  /** Files removed (in a dry run: would be), of all nodes. */
  readonly droppedCount: number
  readonly droppedBytes: number
  /** Unused blobs without any copy that are not listed as missing any more. */
  readonly forgottenCount: number
}

export interface Round {
  readonly number: number
  readonly isDryRun: boolean
  readonly startedMs: number
  /** `wait`: something did not answer or tags were not covered; it is tried again at `retryMs`. */
  phase: 'list' | 'find' | 'drop' | 'wait'
  /** The node whose idle blobs are listed; undefined: blobs without any copy are looked at. */
  node: NodeName | undefined
  readonly todo: NodeName[]
  readonly nodeCount: number
  /** Where the page under way began, and where the next one begins; undefined: there is none. */
  after: BlobId
  nextAfter: BlobId | undefined
  /** Slots before it are looked at. For blobs without any copy. */
  slot: number
  nextSlot: number
  /** The page: blobs whose use is being asked, with their bytes. What a change names meanwhile is taken out. */
  readonly batch: Map<BlobId, number>
  readonly answered: Set<NodeName>
  readonly used: Set<BlobId>
  askedMs: number
  callsLeft: number
  tryCount: number
  retryMs: number
  progressMs: number
  /** Since when, and why, nothing can be said about the page. */
  blocked: {readonly sinceMs: number; readonly coverage: CoverageAnswer} | undefined
  readonly skipped: {readonly node: NodeName; readonly reason: string}[]
  counts: RoundCounts
}

export interface RoundResult {
  readonly number: number
  readonly isDryRun: boolean
  readonly startedMs: number
  readonly endedMs: number
  readonly outcome: 'complete' | 'incomplete' | 'aborted'
  readonly reason?: string
  readonly counts: RoundCounts
}

export interface Collection {
  round: Round | undefined
  /** Rounds that were asked for while another one ran: at most one dry and one real. */
  readonly waiting: {readonly number: number; readonly isDryRun: boolean}[]
  lastNumber: number
  /** When the next round begins by itself. */
  nextMs: number
  /** Whoever waits for the round that has ended reads its result before the next one replaces it. */
  restUntilMs: number
  last: RoundResult | undefined
}
