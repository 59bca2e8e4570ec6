/** What balancing is doing. */
import type {BlobId} from '../../protocol/index.ts'
import type {BlobState, StorageNode} from './state.ts'

export interface Balance {
  state: 'idle' | 'running'
  /** How often it was started under this master. */
  round: number
  movedCount: number
  movedBytes: number
  /** Moves that failed since one was made. */
  failureCount: number
  lastFailure: string
  startedMs: number
  /** When the last move ended, or it was started. */
  progressMs: number
  /** Next slot that is looked at. */
  cursor: number
  /** Slots looked at since the last move began; a full turn without one ends balancing. */
  lookedCount: number
  readonly moves: Map<BlobId, {readonly from: StorageNode; readonly bytes: number}>
  /** What it waits for, or why it ended. */
  reason: string | undefined
}

export const makeBalance = (): Balance => ({
  state: 'idle',
  round: 0,
  movedCount: 0,
  movedBytes: 0,
  failureCount: 0,
  lastFailure: '',
  startedMs: 0,
  progressMs: 0,
  cursor: 0,
  lookedCount: 0,
  moves: new Map(),
  reason: undefined,
})

/** @param failure - undefined: the blob was moved. Nothing happens when it was not being moved. */
export function endMove({balance, nowMs}: BlobState, blob: BlobId, failure: string | undefined): void {
  const move = balance.moves.get(blob)
  if (move === undefined) return
  balance.moves.delete(blob)
  balance.progressMs = nowMs
  if (failure !== undefined) {
    balance.failureCount++
    balance.lastFailure = failure
    return
  }
  balance.failureCount = 0
  balance.movedCount++
  balance.movedBytes += move.bytes
}
