/**
 * Which node holds which blob, in columns: about 80 bytes a blob instead of the 500 of a map of objects.
 *
 * A blob has a slot, a number that stays while the blob is known and may be used for another one later. Ids are found
 * by open addressing over slots. Holders are bits, one for each node's index; `seen` are the bits of an inventory that
 * is still coming in. A slot is free when its `isUsed` bit is off.
 *
 * Tried and dropped: `Map<BlobId, {...}>` (430 MB for a million blobs).
 */
import {assert} from '../../base/index.ts'
import type {BlobId} from '../../protocol/index.ts'

/** Bits of `flags`. */
export const isUsed = 1
/** Waits in the repair queue. */
export const isQueued = 2
/** A copy or a drop of it is under way: nothing else is begun with it. */
export const isBusy = 4
/** Waits in the queue of surplus copies. */
export const isSurplus = 8

const wordsPerId = 8
const slotCountFirst = 1024

export interface Directory {
  /** Known blobs. */
  count: number
  /** Slots ever used: 0 to slotEnd - 1. */
  slotEnd: number
  readonly freeSlots: number[]
  /** 32-bit words of bits for each slot, in `holders` and in `seen`. */
  words: number
  ids: Uint32Array
  bytes: Float64Array
  wanted: Uint8Array
  flags: Uint8Array
  /** When nobody was found to use the blob; 0: somebody does, or it is not known. */
  suspectMs: Float64Array
  /** Number of the collection round (16 bits of it) that looked at the blob last. */
  checkedRound: Uint16Array
  holders: Uint32Array
  seen: Uint32Array
  /** Slot + 1 by hash; 0: empty. Its length is a power of two. */
  index: Int32Array
  /** The id being looked for, as words. */
  readonly sought: Uint32Array
}

/** An empty one; it grows by itself. */
export function makeDirectory(): Directory {
  return {
    count: 0,
    slotEnd: 0,
    freeSlots: [],
    words: 1,
    ids: new Uint32Array(slotCountFirst * wordsPerId),
    bytes: new Float64Array(slotCountFirst),
    wanted: new Uint8Array(slotCountFirst),
    flags: new Uint8Array(slotCountFirst),
    suspectMs: new Float64Array(slotCountFirst),
    checkedRound: new Uint16Array(slotCountFirst),
    holders: new Uint32Array(slotCountFirst),
    seen: new Uint32Array(slotCountFirst),
    index: new Int32Array(slotCountFirst * 2),
    sought: new Uint32Array(wordsPerId),
  }
}

/** @returns the blob's slot, or -1 */
export function findSlot(directory: Directory, blob: BlobId): number {
  return directory.index[placeOf(directory, blob)]! - 1
}

/** @returns the slot of a blob that was not known, without holders */
export function addBlob(directory: Directory, blob: BlobId, bytes: number, wanted: number): number {
  const slot = directory.freeSlots.pop() ?? directory.slotEnd++
  if (slot >= directory.bytes.length) growSlots(directory)
  if ((directory.count + 1) * 2 > directory.index.length) growIndex(directory)
  const place = placeOf(directory, blob)
  assert(directory.index[place] === 0, `blob ${blob} is new to the directory`)
  directory.ids.set(directory.sought, slot * wordsPerId)
  directory.bytes[slot] = bytes
  directory.wanted[slot] = wanted
  directory.flags[slot] = isUsed
  directory.suspectMs[slot] = 0
  directory.checkedRound[slot] = 0
  directory.holders.fill(0, slot * directory.words, (slot + 1) * directory.words)
  directory.seen.fill(0, slot * directory.words, (slot + 1) * directory.words)
  directory.index[place] = slot + 1
  directory.count++
  return slot
}

/** Forgets a blob. Its slot is given to another one later: nobody may keep it. */
export function removeBlob(directory: Directory, slot: number): void {
  const mask = directory.index.length - 1
  let hole = placeOf(directory, blobAt(directory, slot))
  // What was pushed past the hole by a collision moves back into it, so that no mark for deleted places is needed.
  for (let next = (hole + 1) & mask; directory.index[next] !== 0; next = (next + 1) & mask) {
    const home = homeOf(directory, directory.ids, (directory.index[next]! - 1) * wordsPerId)
    if (((next - home) & mask) < ((next - hole) & mask)) continue
    directory.index[hole] = directory.index[next]!
    hole = next
  }
  directory.index[hole] = 0
  directory.flags[slot] = 0
  directory.freeSlots.push(slot)
  directory.count--
}

/** The id of the blob in a slot that is used. */
export function blobAt(directory: Directory, slot: number): BlobId {
  let text = ''
  for (let word = slot * wordsPerId; word < (slot + 1) * wordsPerId; word++) {
    text += directory.ids[word]!.toString(16).padStart(8, '0')
  }
  return text
}

export const isKnown = (directory: Directory, slot: number): boolean => (directory.flags[slot]! & isUsed) !== 0

export const hasFlag = (directory: Directory, slot: number, flag: number): boolean =>
  (directory.flags[slot]! & flag) !== 0

/** Sets flags of a slot; which there are stands at the head of the file. */
export function setFlag(directory: Directory, slot: number, flag: number): void {
  directory.flags[slot]! |= flag
}

/** The opposite of `setFlag`. */
export function clearFlag(directory: Directory, slot: number, flag: number): void {
  directory.flags[slot]! &= ~flag
}

/** Whether a set of nodes has this one. @param bits - `words` words a slot @param node - its index */
export function hasBit(directory: Directory, bits: Uint32Array, slot: number, node: number): boolean {
  return (bits[slot * directory.words + (node >>> 5)]! & (1 << (node & 31))) !== 0
}

/** Puts a node into the set of a slot. */
export function setBit(directory: Directory, bits: Uint32Array, slot: number, node: number): void {
  bits[slot * directory.words + (node >>> 5)]! |= 1 << (node & 31)
}

/** Takes a node out of the set of a slot. */
export function clearBit(directory: Directory, bits: Uint32Array, slot: number, node: number): void {
  bits[slot * directory.words + (node >>> 5)]! &= ~(1 << (node & 31))
}

/** How many of the nodes in `mask` hold the blob. `mask` has `words` words. */
export function countHolders(directory: Directory, slot: number, mask: Uint32Array): number {
  let count = 0
  for (let word = 0; word < directory.words; word++) {
    count += bitCount(directory.holders[slot * directory.words + word]! & mask[word]!)
  }
  return count
}

/** Whether any node, live or lost, has a copy. */
export function hasAnyHolder(directory: Directory, slot: number): boolean {
  for (let word = slot * directory.words; word < (slot + 1) * directory.words; word++) {
    if (directory.holders[word] !== 0) return true
  }
  return false
}

/** Makes room for bits of `nodeCount` nodes. */
export function widenHolders(directory: Directory, nodeCount: number): void {
  const words = Math.max(1, Math.ceil(nodeCount / 32))
  if (words <= directory.words) return
  const widen = (bits: Uint32Array): Uint32Array => {
    const wide = new Uint32Array((bits.length / directory.words) * words)
    for (let slot = 0; slot < directory.slotEnd; slot++) {
      const from = slot * directory.words
      wide.set(bits.subarray(from, from + directory.words), slot * words)
    }
    return wide
  }
  directory.holders = widen(directory.holders)
  directory.seen = widen(directory.seen)
  directory.words = words
}

/** The place in the index that has the blob, or the empty one where it would go. */
function placeOf(directory: Directory, blob: BlobId): number {
  const sought = directory.sought
  for (let word = 0; word < wordsPerId; word++) sought[word] = Number.parseInt(blob.slice(word * 8, word * 8 + 8), 16)
  const mask = directory.index.length - 1
  let place = homeOf(directory, sought, 0)
  while (directory.index[place] !== 0 && !isSought(directory, directory.index[place]! - 1)) place = (place + 1) & mask
  return place
}

function isSought(directory: Directory, slot: number): boolean {
  for (let word = 0; word < wordsPerId; word++) {
    if (directory.ids[slot * wordsPerId + word] !== directory.sought[word]) return false
  }
  return true
}

/** Ids are hashes already; both ends are mixed so that ids made by hand spread too. */
function homeOf(directory: Directory, words: Uint32Array, at: number): number {
  const mixed = Math.imul(words[at]! + Math.imul(words[at + 7]!, 0xc2b2ae35), 0x85ebca6b)
  return (mixed ^ (mixed >>> 15)) & (directory.index.length - 1)
}

function growSlots(directory: Directory): void {
  const slotCount = Math.ceil(directory.bytes.length * 1.5)
  directory.ids = copyInto(new Uint32Array(slotCount * wordsPerId), directory.ids)
  directory.bytes = copyInto(new Float64Array(slotCount), directory.bytes)
  directory.wanted = copyInto(new Uint8Array(slotCount), directory.wanted)
  directory.flags = copyInto(new Uint8Array(slotCount), directory.flags)
  directory.suspectMs = copyInto(new Float64Array(slotCount), directory.suspectMs)
  directory.checkedRound = copyInto(new Uint16Array(slotCount), directory.checkedRound)
  directory.holders = copyInto(new Uint32Array(slotCount * directory.words), directory.holders)
  directory.seen = copyInto(new Uint32Array(slotCount * directory.words), directory.seen)
}

function copyInto<Column extends {set(from: Column): void}>(to: Column, from: Column): Column {
  to.set(from)
  return to
}

function growIndex(directory: Directory): void {
  const index = new Int32Array(directory.index.length * 2)
  const mask = index.length - 1
  directory.index = index
  for (let slot = 0; slot < directory.slotEnd; slot++) {
    if (!isKnown(directory, slot)) continue
    let place = homeOf(directory, directory.ids, slot * wordsPerId)
    while (index[place] !== 0) place = (place + 1) & mask
    index[place] = slot + 1
  }
}

function bitCount(word: number): number {
  let bits = word - ((word >>> 1) & 0x55555555)
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333)
  return Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}
