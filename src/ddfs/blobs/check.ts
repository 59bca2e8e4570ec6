/** All that must hold between two steps. */
import {assert} from '../../base/index.ts'
import {blobAt, findSlot, hasFlag, isBusy, isKnown, isQueued} from './directory.ts'
import {blobsPerCallMax, namingsMax, trimsMax} from './limits.ts'
import {type BlobState, isConfirmed, isCounted, isUp, type StorageNode} from './state.ts'

/** @throws InvariantError naming the first invariant that does not hold */
export function checkBlobs(state: BlobState): void {
  checkDirectory(state)
  checkMasks(state)
  checkCopies(state)
  checkTrims(state)
  checkCalls(state)
  checkRound(state)
  checkScrub(state)
}

function checkDirectory({directory, repair}: BlobState): void {
  let count = 0
  let queuedCount = 0
  for (let slot = 0; slot < directory.slotEnd; slot++) {
    if (!isKnown(directory, slot)) continue
    count++
    if (hasFlag(directory, slot, isQueued)) queuedCount++
    assert(findSlot(directory, blobAt(directory, slot)) === slot, `slot ${slot} is found by its blob`)
    assert(directory.wanted[slot]! >= 1, `slot ${slot} wants a copy`)
  }
  assert(count === directory.count, `${directory.count} blobs are known, not ${count}`)
  assert(directory.freeSlots.length + count === directory.slotEnd, 'a slot is free or known')
  assert(queuedCount <= repair.queue.count, 'what is marked as queued is in the queue')
}

function checkMasks(state: BlobState): void {
  const isIn = (mask: Uint32Array, node: StorageNode): boolean =>
    (mask[node.index >>> 5]! & (1 << (node.index & 31))) !== 0
  for (const node of state.nodes.values()) {
    assert(state.nodeByIndex[node.index] === node, `${node.name} has its index`)
    assert(isIn(state.masks.up, node) === isUp(node), `the mask of nodes that are up is right for ${node.name}`)
    assert(isIn(state.masks.counted, node) === isCounted(node), `the mask of counted nodes is right for ${node.name}`)
    assert(
      isIn(state.masks.confirmed, node) === isConfirmed(node),
      `the mask of confirmed nodes is right for ${node.name}`,
    )
    assert(
      node.state === 'up' || node.inventory === 'unknown',
      `only a connected node tells what it holds (${node.name})`,
    )
  }
}

function checkCopies({repair, nodes, directory, settings}: BlobState): void {
  const blobs = new Set<string>()
  const inCounts = new Map<StorageNode, number>()
  const outCounts = new Map<StorageNode, number>()
  for (const copy of repair.copies) {
    assert(!blobs.has(copy.blob), `one copy of ${copy.blob} is in flight`)
    blobs.add(copy.blob)
    assert(copy.source !== copy.target, `the copy of ${copy.blob} goes to another node`)
    inCounts.set(copy.target, (inCounts.get(copy.target) ?? 0) + 1)
    outCounts.set(copy.source, (outCounts.get(copy.source) ?? 0) + 1)
    const slot = findSlot(directory, copy.blob)
    assert(slot < 0 || hasFlag(directory, slot, isBusy), `the copied blob ${copy.blob} is busy`)
  }
  for (const node of nodes.values()) {
    assert(node.copiesIn === (inCounts.get(node) ?? 0), `${node.name} counts the copies to it`)
    assert(node.copiesOut === (outCounts.get(node) ?? 0), `${node.name} counts the copies from it`)
    assert(node.copiesIn <= settings.repairsPerNodeMax, `${node.name} receives no more than it may`)
    assert(node.copiesOut <= settings.repairsPerNodeMax, `${node.name} sends no more than it may`)
    assert(node.copiesIn > 0 || node.copiesInBytes === 0, `no bytes are on their way to ${node.name}`)
  }
}

function checkTrims({surplus, directory, repair}: BlobState): void {
  const copied = new Set([...repair.copies].map(copy => copy.blob))
  const trimmed = new Set<string>()
  assert(surplus.trims.size <= trimsMax + repair.doneCount, 'trims are bounded')
  for (const trim of surplus.trims) {
    assert(trim.callsLeft > 0, 'a trim waits for something')
    for (const blob of trim.items.keys()) {
      assert(!trimmed.has(blob) && !copied.has(blob), `one operation is under way for ${blob}`)
      trimmed.add(blob)
      const slot = findSlot(directory, blob)
      assert(slot < 0 || hasFlag(directory, slot, isBusy), `the trimmed blob ${blob} is busy`)
    }
  }
  for (let slot = 0; slot < directory.slotEnd; slot++) {
    if (!hasFlag(directory, slot, isBusy)) continue
    const blob = blobAt(directory, slot)
    assert(copied.has(blob) || trimmed.has(blob), `the busy blob ${blob} is copied or trimmed`)
  }
}

function checkCalls(state: BlobState): void {
  for (const call of state.calls.values()) {
    assert(state.nodes.get(call.node)?.state === 'up', `call ${call.id} is to a node that is up`)
    assert(call.deadlineMs > state.nowMs, `call ${call.id} is within its deadline`)
    assert(call.deadlineMs >= state.nextDeadlineMs, `the deadline of call ${call.id} is not overlooked`)
  }
  assert(state.namings.size <= namingsMax, 'requests that wait are bounded')
  for (const naming of state.namings) assert(naming.callsLeft > 0, `request ${naming.id} waits for something`)
}

function checkRound(state: BlobState): void {
  const {round} = state.collection
  if (round === undefined) return
  assert(round.batch.size <= blobsPerCallMax, 'a page of collection fits in one call')
  const calls = [...state.calls.values()].filter(
    ({purpose}) => purpose.type.startsWith('gc-') && 'round' in purpose && purpose.round === round,
  )
  if (round.phase === 'wait') assert(round.retryMs > state.nowMs, 'a waiting round is tried again')
  else assert(calls.length > 0, `a round in ${round.phase} waits for an answer`)
}

function checkScrub({scrubRequest, settling, directory}: BlobState): void {
  const readings = [...(scrubRequest?.readings.values() ?? [])]
  const isOver = readings.every(reading => reading.state === 'done' || reading.state === 'left-out')
  if (scrubRequest !== undefined) assert(isOver === (scrubRequest.endedMs !== undefined), 'a scrub ends with its nodes')
  for (const slot of settling.keys()) assert(isKnown(directory, slot), `the settling slot ${slot} is in use`)
}
