/** A blob core with nodes that answer as the test says. */
import {
  type BlobAnswer,
  type BlobClientRequest,
  type BlobEffect,
  type BlobEvent,
  type BlobSettings,
  type BlobState,
  type Coverage,
  checkBlobs,
  makeBlobState,
  stepBlobs,
} from '../../../../src/ddfs/blobs/index.ts'
import type {AgentNotice, BlobId, BlobReply, BlobReport, NodeName, TagReply} from '../../../../src/protocol/index.ts'

export const blob = (number: number): BlobId => number.toString(16).padStart(64, '0')

export const held = (number: number, replicaCount = 2, bytes = 100): BlobReport => ({
  blob: blob(number),
  bytes,
  replicaCount,
  touchedAtMs: 0,
})

type Send = Extract<BlobEffect, {type: 'send'}>
type Untimed<Event> = Event extends unknown ? Omit<Event, 'nowMs'> : never

export const covered: Coverage = () => ({isComplete: true, uncoveredTags: [], missingNodes: []})

export interface Cluster {
  readonly state: BlobState
  nowMs: number
  /** Requests that wait for their reply. */
  sent: Send[]
  effects: BlobEffect[]
  feed(event: Untimed<BlobEvent>): void
  pass(ms: number): void
  join(node: NodeName, blobs: readonly BlobReport[], freeBytes?: number, usedBytes?: number): void
  notice(node: NodeName, notice: AgentNotice): void
  ask(request: BlobClientRequest): BlobAnswer | undefined
  /** Takes the requests of a type, of one node or all. */
  take(type: string, node?: NodeName): Send[]
  reply(send: Send, reply: BlobReply | TagReply): void
}

export function makeCluster(settings: Partial<BlobSettings> = {}, coverage: Coverage = covered): Cluster {
  const quiet = {gcEveryMs: 0, scrubEveryMs: 0, startGraceMs: 0}
  const links = new Map<NodeName, number>()
  const cluster: Cluster = {
    state: makeBlobState({coverage, seed: 1, settings: {...quiet, ...settings}}),
    nowMs: 1000,
    sent: [],
    effects: [],
    feed(event) {
      const effects = stepBlobs(cluster.state, {...event, nowMs: cluster.nowMs} as BlobEvent)
      checkBlobs(cluster.state)
      cluster.effects.push(...effects)
      for (const effect of effects) if (effect.type === 'send') cluster.sent.push(effect)
    },
    pass(ms) {
      cluster.nowMs += ms
      cluster.feed({type: 'tick'})
    },
    join(node, blobs, freeBytes = 900_000, usedBytes = 100_000) {
      const link = (links.get(node) ?? 0) + 1
      links.set(node, link)
      cluster.feed({type: 'node-joined', node, link})
      const counts = {blobCount: 0, tagCount: 0, corruptCount: 0, transferCount: 0}
      const space = {freeBytes, usedBytes, reserveBytes: 1000, isFull: freeBytes < 1000}
      cluster.notice(node, {type: 'status', status: {...counts, ...space}})
      cluster.notice(node, {type: 'inventory-blobs', blobs})
      cluster.notice(node, {type: 'inventory-end'})
    },
    notice(node, notice) {
      cluster.feed({type: 'notice', node, link: links.get(node)!, notice})
    },
    ask(request) {
      cluster.effects = []
      cluster.feed({type: 'request', id: 1, request})
      return answerIn(cluster)
    },
    take(type, node) {
      const isTaken = (send: Send): boolean => send.request.type === type && (node === undefined || send.node === node)
      const taken = cluster.sent.filter(isTaken)
      cluster.sent = cluster.sent.filter(send => !isTaken(send))
      return taken
    },
    reply(send, reply) {
      cluster.feed({type: 'reply', call: send.call, reply})
    },
  }
  return cluster
}

export function answerIn(cluster: Cluster): BlobAnswer | undefined {
  const effect = cluster.effects.find(one => one.type === 'answer')
  return effect?.type === 'answer' ? effect.answer : undefined
}

export function statusOf(cluster: Cluster): Extract<BlobAnswer, {type: 'status'}>['status'] {
  cluster.nowMs += 2000
  const answer = cluster.ask({type: 'status'})
  if (answer?.type !== 'status') throw new Error('no status')
  return answer.status
}
