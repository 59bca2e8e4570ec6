/**
 * Scrub: every node reads its files again, page by page, so that rot is found while other copies are good.
 *
 * waiting -> reading (one request at a time) -> waiting ..., around all ids and then until the next round is due. The
 * first round of a master begins at a drawn id: a master that is restarted often still gets to all blobs.
 */
import type {BlobId} from '../../protocol/index.ts'
import {send} from './calls.ts'
import type {BlobEffect} from './events.ts'
import {copyBaseMs, copySlowestBytesPerSecond, retryLastMs, scrubSlack} from './limits.ts'
import type {BlobState, StorageNode} from './state.ts'

export interface NodeScrub {
  /** Where the round began and where it is. */
  start: BlobId
  after: BlobId
  hasWrapped: boolean
  isReading: boolean
  /** Asked for by a person: no pause between pages but the rate limit's. */
  isAsked: boolean
  roundStartedMs: number
  nextMs: number
  /** Of this round. */
  readCount: number
  readBytes: number
  corruptCount: number
  /** End of the last full round. */
  endedMs: number | undefined
}

export function makeScrub(state: BlobState): NodeScrub {
  const start = Math.floor(state.random.next() * 0x100000000)
    .toString(16)
    .padStart(8, '0')
    .padEnd(64, '0')
  return {
    start,
    after: start,
    hasWrapped: false,
    isReading: false,
    isAsked: false,
    roundStartedMs: state.nowMs,
    nextMs: state.nowMs,
    readCount: 0,
    readBytes: 0,
    corruptCount: 0,
    endedMs: undefined,
  }
}

export function askScrub(state: BlobState, node: StorageNode): void {
  if (node.scrub.isAsked) return
  beginRound(state, node, '')
  node.scrub.isAsked = true
}

function beginRound(state: BlobState, node: StorageNode, start: BlobId): void {
  const {isReading, endedMs} = node.scrub
  const fresh = {...makeScrub(state), start, after: start, isReading, endedMs}
  node.scrub = fresh
}

/** @returns when it wants to be called again */
export function stepScrubs(state: BlobState, effects: BlobEffect[]): number {
  let wakeMs = Infinity
  for (const node of state.nodes.values()) {
    const {scrub} = node
    const isWanted = scrub.isAsked || state.settings.scrubEveryMs > 0
    if (!isWanted || node.state !== 'up' || node.inventory !== 'complete' || scrub.isReading) continue
    if (state.nowMs < scrub.nextMs) {
      wakeMs = Math.min(wakeMs, scrub.nextMs)
      continue
    }
    if (scrub.endedMs !== undefined && scrub.endedMs >= scrub.roundStartedMs) beginRound(state, node, '')
    node.scrub.isReading = true
    const bytes = state.settings.scrubPageBytes
    const allowanceMs = copyBaseMs + Math.ceil((bytes * 1000) / copySlowestBytesPerSecond)
    send(state, effects, node, {type: 'scrub', after: node.scrub.after, bytes}, {type: 'scrub'}, allowanceMs)
  }
  return wakeMs
}

/** @param page - undefined: no answer; the same page is read again later */
export function hearScrubbed(
  state: BlobState,
  node: StorageNode,
  page:
    | {readonly blobCount: number; readonly bytes: number; readonly corruptCount: number; readonly after?: BlobId}
    | undefined,
): void {
  const {scrub} = node
  scrub.isReading = false
  if (page === undefined) {
    scrub.nextMs = state.nowMs + retryLastMs
    return
  }
  scrub.readCount += page.blobCount
  scrub.readBytes += page.bytes
  scrub.corruptCount += page.corruptCount
  scrub.nextMs = state.nowMs + pauseAfter(state, node, page.bytes)
  if (page.after === undefined && !scrub.hasWrapped && scrub.start !== '') {
    scrub.hasWrapped = true
    scrub.after = ''
    return
  }
  const isRound = page.after === undefined || (scrub.hasWrapped && page.after >= scrub.start)
  if (!isRound) {
    scrub.after = page.after
    return
  }
  scrub.isAsked = false
  scrub.endedMs = state.nowMs
  scrub.nextMs = Math.max(scrub.nextMs, scrub.roundStartedMs + state.settings.scrubEveryMs)
}

/** Spreads the node's bytes over the time a round may take, and never faster than the rate. */
function pauseAfter(state: BlobState, node: StorageNode, bytes: number): number {
  const {settings} = state
  const rateMs = (bytes * 1000) / settings.scrubBytesPerSecond
  if (node.scrub.isAsked) return Math.ceil(rateMs)
  const spreadMs = (settings.scrubEveryMs * (1 - scrubSlack) * bytes) / Math.max(bytes, node.usedBytes, 1)
  return Math.ceil(Math.max(rateMs, spreadMs))
}
