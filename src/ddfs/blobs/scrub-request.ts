/**
 * A scrub that a person asked for: every copy that the nodes have when it is asked for is read once, as fast as they read.
 *
 * Each node: waiting -> reading (one page at a time) -> waiting ... -> done, or left out when it is lost or does not answer. The
 * request has ended when no node is left to wait for. All nodes read at once, each from its first id to its last.
 *
 * Invariants. A page that was ordered before the request, or for an earlier one, counts for nothing here: its answer carries
 * what it was ordered for. A later request replaces one that runs, since who asks wants all copies read after asking.
 */
import type {BlobId, NodeName} from '../../protocol/index.ts'
import {send} from './calls.ts'
import type {BlobEffect} from './events.ts'
import {copyBaseMs, copySlowestBytesPerSecond, scrubRetryMs, scrubTriesMax} from './limits.ts'
import {type BlobState, isUp, type StorageNode} from './state.ts'

/** A node's answer to an order to read. */
export interface ScrubPage {
  readonly blobCount: number
  readonly bytes: number
  readonly corruptCount: number
  /** Undefined: there are no ids beyond. */
  readonly after?: BlobId
}

export interface NodeReading {
  state: 'waiting' | 'reading' | 'done' | 'left-out'
  after: BlobId
  nextMs: number
  /** Pages that failed one after the other. */
  failureCount: number
  readCount: number
  readBytes: number
  corruptCount: number
  /** Why it is left out. */
  reason: string | undefined
}

export interface ScrubRequest {
  /** From 1 for each master. */
  readonly number: number
  readonly startedMs: number
  endedMs: number | undefined
  readonly readings: Map<NodeName, NodeReading>
}

/** @returns the request's number, and the nodes that read */
export function requestScrub(state: BlobState): {readonly round: number; readonly nodes: NodeName[]} {
  const readings = new Map<NodeName, NodeReading>()
  for (const node of state.nodes.values()) {
    readings.set(node.name, {
      state: isUp(node) ? 'waiting' : 'left-out',
      after: '',
      nextMs: state.nowMs,
      failureCount: 0,
      readCount: 0,
      readBytes: 0,
      corruptCount: 0,
      reason: isUp(node) ? undefined : 'it is not connected',
    })
  }
  const number = (state.scrubRequest?.number ?? 0) + 1
  state.scrubRequest = {number, startedMs: state.nowMs, endedMs: undefined, readings}
  return {round: number, nodes: [...readings.keys()].filter(name => readings.get(name)?.state === 'waiting')}
}

/** Has this node still to read for somebody? Its own round rests until then. */
export function isRequested(state: BlobState, node: StorageNode): boolean {
  const reading = state.scrubRequest?.readings.get(node.name)
  return reading !== undefined && isOpen(reading)
}

const isOpen = (reading: NodeReading): boolean => reading.state === 'waiting' || reading.state === 'reading'

/** @returns when it wants to be called again */
export function stepScrubRequest(state: BlobState, effects: BlobEffect[]): number {
  const request = state.scrubRequest
  if (request === undefined || request.endedMs !== undefined) return Infinity
  let wakeMs = Infinity
  let openCount = 0
  for (const [name, reading] of request.readings) {
    if (!isOpen(reading)) continue
    const node = state.nodes.get(name)
    if (node === undefined || !isUp(node)) {
      leaveOut(reading, node === undefined ? 'it was removed' : 'it was lost meanwhile')
      continue
    }
    openCount++
    if (reading.state === 'reading' || node.isScrubbing || node.inventory !== 'complete') continue
    if (state.nowMs < reading.nextMs) wakeMs = Math.min(wakeMs, reading.nextMs)
    else orderPage(state, request, node, effects)
  }
  if (openCount === 0) request.endedMs = state.nowMs
  return wakeMs
}

function orderPage(state: BlobState, request: ScrubRequest, node: StorageNode, effects: BlobEffect[]): void {
  const reading = request.readings.get(node.name)!
  reading.state = 'reading'
  node.isScrubbing = true
  const bytes = state.settings.scrubPageBytes
  const allowanceMs = copyBaseMs + Math.ceil((bytes * 1000) / copySlowestBytesPerSecond)
  send(state, effects, node, {type: 'scrub', after: reading.after, bytes}, {type: 'scrub', request}, allowanceMs)
}

/** @param page - or why there is none */
export function hearRequested(
  state: BlobState,
  request: ScrubRequest,
  node: StorageNode,
  page: ScrubPage | string,
): void {
  const reading = request.readings.get(node.name)
  if (state.scrubRequest !== request || reading?.state !== 'reading') return
  reading.state = 'waiting'
  if (typeof page === 'string') {
    reading.failureCount++
    reading.nextMs = state.nowMs + scrubRetryMs
    if (reading.failureCount >= scrubTriesMax) leaveOut(reading, page)
    return
  }
  reading.failureCount = 0
  reading.readCount += page.blobCount
  reading.readBytes += page.bytes
  reading.corruptCount += page.corruptCount
  if (page.after === undefined) endReading(state, request, node, reading)
  else reading.after = page.after
}

function leaveOut(reading: NodeReading, reason: string): void {
  reading.state = 'left-out'
  reading.reason = reason
}

/** The node's own round is over too. */
function endReading(state: BlobState, request: ScrubRequest, node: StorageNode, reading: NodeReading): void {
  const {readCount, readBytes, corruptCount} = reading
  const {startedMs} = request
  reading.state = 'done'
  node.scrub = {
    ...node.scrub,
    ...{readCount, readBytes, corruptCount, roundStartedMs: startedMs, endedMs: state.nowMs},
    nextMs: startedMs + state.settings.scrubEveryMs,
  }
}
