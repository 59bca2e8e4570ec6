/**
 * The readers in the order of the keys that they stand at: a tree of losers that compares one number mostly.
 *
 * That number, a key's code, says how the key differs from a smaller one: from which byte on (the further, the smaller the code), and
 * by which bytes. Of two keys with codes against the same key the one with the smaller code is smaller, and the other differs from it
 * where it differed from that key; or further on, when that is the same place. Equal codes are decided by the keys' bytes. In the tree
 * the code of a reader is against the one that it lost to; that of the next record of a run is against the record before, which is
 * who all readers on its way to the root lost to. Codes of this kind are called offset-value codes.
 *
 * No key is the beginning of another (../../groups/key-builder.ts), so bytes behind a key, which codes may hold, decide nothing.
 *
 * Equal keys come out one after the other, all but the first with code 0. Where their states lie is noted before their readers move on. One
 * whose block is used up waits until the next key is asked for, so that its states stay; then the tree is built again.
 */
import {compareKeys, samePrefix} from './keys'
import {Holder, holderBytes, noLeaf, Place, placeBytes, Plan, planAt, Reader} from './layout'
import {openReader, readBlock, readerOf, step} from './readers'

/** Bits of a code that hold bytes of the key; above them stands how far from `offsetMax` these are. */
const valueBits: u64 = 56
const offsetMax: u32 = 0xfd
/** Of a reader that has no key. */
const noKey: u64 = u64.MAX_VALUE

/** Readers in the tree. */
let count: u32 = 0
/** Of those, how many wait for a block. */
let waitingCount: u32 = 0
/** Who stands at the smallest key, and its code against the key before it. */
let winner: Reader = changetype<Reader>(0)
let winnerCode: u64 = 0

/** The current key, and how many records have it. */
export let keyAt: u32 = 0
export let keyLength: u32 = 0
export let holderCount: u32 = 0

/** For states that are not of readers. */
export function setHolderCount(count: u32): void {
  holderCount = count
}

@inline
export function holderAt(index: u32): Holder {
  return changetype<Holder>(<usize>changetype<Plan>(planAt).holders + <usize>index * holderBytes)
}

/** 1 to count - 1: who lost there. From readerCount on: readers by leaf. From twice that on: who won, while the tree is built. */
@inline
function placeAt(index: u32): Place {
  return changetype<Place>(<usize>changetype<Plan>(planAt).order + <usize>index * placeBytes)
}

/** Opens all readers at their first keys that are not before the lower bound. */
export function openOrder(): void {
  count = 0
  holderCount = 0
  waitingCount = 0
  const readerCount = changetype<Plan>(planAt).readerCount
  for (let index: u32 = 0; index < readerCount; index++) {
    const reader = readerOf(index)
    reader.leaf = 0
    if (openReader(reader)) placeAt(readerCount + count++).reader = changetype<u32>(reader)
  }
  build()
}

/** Moves on to the next key. Returns false when there is none before the upper bound. */
@inline
export function nextKey(): bool {
  if (waitingCount != 0) refillWaiting()
  if (winnerCode == noKey) return false
  const plan = changetype<Plan>(planAt)
  keyAt = winner.keyAt
  keyLength = winner.keyLength
  if (plan.highLength != 0 && compareKeys(keyAt, keyLength, plan.highAt, plan.highLength) >= 0) return false
  holderCount = 0
  do {
    const holder = holderAt(holderCount++)
    holder.statesAt = winner.statesAt
    holder.statesEnd = winner.statesEnd
    holder.reader = changetype<u32>(winner)
    moveOn(holder)
  } while (winnerCode == 0)
  return true
}

/** Moves the winner to its next key, and finds the next winner: `play` on its way to the root, without globals, which cost a tenth of a merge. */
@inline
function moveOn(holder: Holder): void {
  const reader = winner
  if (reader.left != 0) {
    const before = <usize>reader.keyAt
    const length = reader.keyLength
    step(reader)
    holder.waiting = 0
    winnerCode = codeFrom(reader, samePrefix(before, reader.keyAt, min(length, reader.keyLength), 0))
  } else {
    holder.waiting = changetype<u32>(reader)
    waitingCount++
    winnerCode = noKey
  }
  let one = changetype<u32>(reader)
  let code = winnerCode
  for (let index = (count + reader.leaf) >> 1; index != 0; index >>= 1) {
    const place = placeAt(index)
    const otherCode = place.code
    const other = place.reader
    if (otherCode == code) {
      // The smaller key is the winner's then.
      winner = changetype<Reader>(<usize>one)
      winnerCode = code
      playBytes(place)
      one = changetype<u32>(winner)
      continue
    }
    const isOther = otherCode < code
    const loser = isOther ? one : other
    place.code = codeOfLoser(changetype<Reader>(<usize>loser), isOther ? code : otherCode, code ^ otherCode)
    place.reader = loser
    one = isOther ? other : one
    code = isOther ? otherCode : code
  }
  winner = changetype<Reader>(<usize>one)
  winnerCode = code
}

/**
 * The code of who loses against who wins.
 *
 * @param code - against the same key as the winner's
 * @param differing - bits in which these two codes differ
 */
@inline
function codeOfLoser(reader: Reader, code: u64, differing: u64): u64 {
  const bits = <u32>clz<u64>(differing)
  // Where they differ further on; where the keys end, they do not differ at all.
  const offset = offsetOf(code) + (bits < 64 - <u32>valueBits ? 0 : (bits - (64 - <u32>valueBits)) >> 3)
  const moved = offset < reader.keyLength ? codeFrom(reader, offset) : 0
  return code == noKey ? noKey : moved
}

/** The winner against who lost at a place; who loses now stays there. */
function play(place: Place): void {
  const other = place.code
  const code = winnerCode
  if (other == code) {
    playBytes(place)
    return
  }
  const isOther = other < code
  const loser = isOther ? winner : changetype<Reader>(<usize>place.reader)
  place.code = codeOfLoser(loser, isOther ? code : other, code ^ other)
  if (isOther) {
    winner = changetype<Reader>(<usize>place.reader)
    winnerCode = other
    place.reader = changetype<u32>(loser)
  }
}

/** The same for equal codes. */
function playBytes(place: Place): void {
  const code = winnerCode
  if (code == noKey || code == 0) return
  const one = winner
  const other = changetype<Reader>(<usize>place.reader)
  const length = min(one.keyLength, other.keyLength)
  const same = samePrefix(one.keyAt, other.keyAt, length, offsetOf(code))
  if (same == one.keyLength && same == other.keyLength) {
    place.code = 0
    return
  }
  const isOther =
    same == length
      ? other.keyLength < one.keyLength
      : load<u8>(<usize>other.keyAt + <usize>same) < load<u8>(<usize>one.keyAt + <usize>same)
  const loser = isOther ? one : other
  if (isOther) winner = other
  place.code = codeFrom(loser, same)
  place.reader = changetype<u32>(loser)
}

/** The code of a reader's key against one that is not behind it and is the same up to `offset`. */
@inline
function codeFrom(reader: Reader, offset: u32): u64 {
  const at = min(offset, offsetMax)
  return (<u64>(offsetMax + 1 - at) << valueBits) | (bigEndianAt(<usize>reader.keyAt + <usize>at) >> (64 - valueBits))
}

/** Eight bytes, the first one highest: by a shuffle, for there is no instruction that swaps them. */
@inline
function bigEndianAt(at: usize): u64 {
  const bytes = v128.load64_zero(at)
  return i64x2.extract_lane(i8x16.shuffle(bytes, bytes, 7, 6, 5, 4, 3, 2, 1, 0, 8, 9, 10, 11, 12, 13, 14, 15), 0)
}

@inline
function offsetOf(code: u64): u32 {
  return offsetMax + 1 - <u32>(code >> valueBits)
}

/** Those whose blocks were used up by the key before. */
function refillWaiting(): void {
  waitingCount = 0
  let isAny = false
  for (let index: u32 = 0; index < holderCount; index++) {
    const address = holderAt(index).waiting
    if (address == 0) continue
    const reader = changetype<Reader>(<usize>address)
    if (readBlock(reader)) {
      step(reader)
      isAny = true
    } else {
      reader.leaf = noLeaf
    }
  }
  // Who has ended is in the tree without a key, until it is built again.
  if (isAny) build()
}

/** Orders all readers that have a key. */
function build(): void {
  const readerCount = changetype<Plan>(planAt).readerCount
  let left: u32 = 0
  for (let leaf: u32 = 0; leaf < count; leaf++) {
    const reader = changetype<Reader>(<usize>placeAt(readerCount + leaf).reader)
    if (reader.leaf == noLeaf) continue
    reader.leaf = left
    placeAt(readerCount + left++).reader = changetype<u32>(reader)
  }
  count = left
  winnerCode = noKey
  if (count == 0) return
  for (let index = count - 1; index != 0; index--) {
    const place = placeAt(index)
    takeWinner(index * 2 + 1)
    place.code = winnerCode
    place.reader = changetype<u32>(winner)
    takeWinner(index * 2)
    play(place)
    const won = placeAt(readerCount * 2 + index)
    won.code = winnerCode
    won.reader = changetype<u32>(winner)
  }
  takeWinner(1)
}

/** Of a place while the tree is built: a reader by itself, with its code against nothing, or who won there. */
function takeWinner(index: u32): void {
  const readerCount = changetype<Plan>(planAt).readerCount
  if (index >= count) {
    winner = changetype<Reader>(<usize>placeAt(readerCount + index - count).reader)
    winnerCode = codeFrom(winner, 0)
    return
  }
  const won = placeAt(readerCount * 2 + index)
  winner = changetype<Reader>(<usize>won.reader)
  winnerCode = won.code
}
