/**
 * Scrub: every node reads its files again, page by page, so that rot is found while other copies are good. This is what nodes
 * do by themselves; what a person asks for is in `scrub-request.ts` and goes first.
 *
 * waiting -> reading (one request at a time) -> waiting ..., around all ids and then until the next round is due. The
 * first round of a master begins at a drawn id: a master that is restarted often still gets to all blobs.
 */
import type {BlobId} from '../../protocol/index.ts'
import {send} from './calls.ts'
import type {BlobEffect} from './events.ts'
import {copyBaseMs, copySlowestBytesPerSecond, retryLastMs, scrubSlack} from './limits.ts'
import {isRequested, type ScrubPage} from './scrub-request.ts'
import type {BlobState, StorageNode} from './state.ts'

export interface NodeScrub {
  /** Where the round began and where it is. */
  start: BlobId
  after: BlobId
  hasWrapped: boolean
  roundStartedMs: number
  nextMs: number
  /** Of this round. */
  readCount: number
  readBytes: number
  corruptCount: number
  /** End of the last full round. */
  endedMs: number | undefined
}

/** A node's scrub begins at a random place: nodes that started together do not all read the same copies first. */
export function makeScrub(state: BlobState): NodeScrub {
  const start = Math.floor(state.random.next() * 0x100000000)
    .toString(16)
    .padStart(8, '0')
    .padEnd(64, '0')
  return {
    start,
    after: start,
    hasWrapped: false,
    roundStartedMs: state.nowMs,
    nextMs: state.nowMs,
    readCount: 0,
    readBytes: 0,
    corruptCount: 0,
    endedMs: undefined,
  }
}

/** @returns when it wants to be called again */
export function stepScrubs(state: BlobState, effects: BlobEffect[]): number {
  if (state.settings.scrubEveryMs === 0) return Infinity
  let wakeMs = Infinity
  for (const node of state.nodes.values()) {
    if (node.state !== 'up' || node.inventory !== 'complete' || node.isScrubbing || isRequested(state, node)) continue
    if (state.nowMs < node.scrub.nextMs) {
      wakeMs = Math.min(wakeMs, node.scrub.nextMs)
      continue
    }
    if (hasEnded(node.scrub)) {
      node.scrub = {...makeScrub(state), start: '', after: '', endedMs: node.scrub.endedMs}
    }
    node.isScrubbing = true
    const bytes = state.settings.scrubPageBytes
    const allowanceMs = copyBaseMs + Math.ceil((bytes * 1000) / copySlowestBytesPerSecond)
    const order = {type: 'scrub' as const, after: node.scrub.after, bytes}
    send(state, effects, node, order, {type: 'scrub', request: undefined}, allowanceMs)
  }
  return wakeMs
}

export const hasEnded = (scrub: NodeScrub): boolean =>
  scrub.endedMs !== undefined && scrub.endedMs >= scrub.roundStartedMs

/** @param page - or why there is none; the same page is read again later */
export function hearScrubbed(state: BlobState, node: StorageNode, page: ScrubPage | string): void {
  const {scrub} = node
  // Somebody's request has read everything since the page was ordered.
  if (hasEnded(scrub)) return
  if (typeof page === 'string') {
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
  scrub.endedMs = state.nowMs
  scrub.nextMs = Math.max(scrub.nextMs, scrub.roundStartedMs + state.settings.scrubEveryMs)
}

/** Spreads the node's bytes over the time a round may take, and never faster than the rate. */
function pauseAfter(state: BlobState, node: StorageNode, bytes: number): number {
  const {settings} = state
  const rateMs = (bytes * 1000) / settings.scrubBytesPerSecond
  const spreadMs = (settings.scrubEveryMs * (1 - scrubSlack) * bytes) / Math.max(bytes, node.usedBytes, 1)
  return Math.ceil(Math.max(rateMs, spreadMs))
}
