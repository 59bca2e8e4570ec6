/** Merges stretches of coded runs into the text of rows: entries with one key are added up, its texts are there as they stand in a row. */
import {codedPlan, CodedReader, Sum, sumBytes, TextList, textListBytes} from './coded-layout'
import {first, moveOn, noKey, openCodedOrder} from './coded-order'
import {opAvg, opCount, Plan, planAt, Text, textBytes} from './layout'
import {writeDecimal, writeInteger} from './number-text'
import {holderAt, setHolderCount} from './order'
import {copyText, writeQuotient, writeValues} from './values'

/** Bytes of an entry in front of its values. */
const placesBytes: usize = 4
const isNegativeBit: u64 = 64

/** Whether the current row has values of entries, and how many groups of it have states only. */
let hasNumbers: bool = false
let statesCount: u32 = 0

/** Sets the first row's readers. */
export function openCoded(): void {
  openCodedOrder()
}

@inline
export function isCodedEnd(): bool {
  return first.key == noKey
}

/** Writes the key of the next row, and adds its values up. Returns where its text ends. There is room for it. */
@inline
export function nextCodedKey(plan: Plan, from: usize): usize {
  const key = first.key
  hasNumbers = false
  statesCount = 0
  do {
    const reader = first
    if (reader.isStates != 0) noteStates(reader)
    else if (hasNumbers) addEntry(plan, reader)
    else setEntry(plan, reader)
    moveOn()
  } while (first.key == key)
  let out = from
  let list = <usize>codedPlan().lists
  for (let left = plan.partCount; left != 0; left--) {
    const part = changetype<TextList>(list)
    list += textListBytes
    const text = changetype<Text>(<usize>part.texts + <usize>(<u32>(key >> <u64>part.shift) & part.mask) * textBytes)
    out = copyLong(out, text.at, text.length)
  }
  return out
}

/** Writes the values of the row. Returns 0 when the host has to finish it: its states are with the holders then. */
@inline
export function writeCodedValues(plan: Plan, from: usize): usize {
  if (statesCount == 0) {
    const end = writeSums(plan, from)
    if (end != 0) return end
  }
  if (hasNumbers) statesOfSums(plan)
  setHolderCount(statesCount)
  return writeValues(from)
}

function noteStates(reader: CodedReader): void {
  const holder = holderAt(statesCount++)
  holder.statesAt = reader.statesAt + load<u32>(reader.at, 8)
  holder.statesEnd = holder.statesAt + load<u32>(reader.at, 12)
}

@inline
function setEntry(plan: Plan, reader: CodedReader): void {
  hasNumbers = true
  let at = <usize>reader.at + placesBytes
  let sum = <usize>codedPlan().sums
  let factor = <usize>reader.factors
  let operation = <usize>plan.operations
  for (let left = plan.valueCount; left != 0; left--) {
    const op = load<u32>(operation)
    operation += 4
    if (op == opCount || op == opAvg) {
      changetype<Sum>(sum).count = <u64>load<u32>(at)
      at += 4
    }
    if (op != opCount) {
      changetype<Sum>(sum).total = load<i64>(at) * load<i64>(factor)
      at += 8
    }
    sum += sumBytes
    factor += 8
  }
}

@inline
function addEntry(plan: Plan, reader: CodedReader): void {
  let at = <usize>reader.at + placesBytes
  let sum = <usize>codedPlan().sums
  let factor = <usize>reader.factors
  let operation = <usize>plan.operations
  for (let left = plan.valueCount; left != 0; left--) {
    const op = load<u32>(operation)
    operation += 4
    if (op == opCount || op == opAvg) {
      changetype<Sum>(sum).count += <u64>load<u32>(at)
      at += 4
    }
    if (op != opCount) {
      changetype<Sum>(sum).total += load<i64>(at) * load<i64>(factor)
      at += 8
    }
    sum += sumBytes
    factor += 8
  }
}

@inline
function writeSums(plan: Plan, from: usize): usize {
  let out = from
  let front = <usize>plan.fronts + <usize>plan.partCount * textBytes
  let sum = <usize>codedPlan().sums
  let scale = <usize>codedPlan().scales
  let operation = <usize>plan.operations
  for (let left = plan.valueCount; left != 0; left--) {
    const text = changetype<Text>(front)
    front += textBytes
    out = copyText(out, text.at, text.length)
    const op = load<u32>(operation)
    operation += 4
    const value = changetype<Sum>(sum)
    if (op == opCount) out = writeInteger(out, value.count)
    else if (op == opAvg) out = writeQuotient(out, value.count, value.total, load<u32>(scale), plan)
    else out = writeDecimal(out, value.total, load<u32>(scale))
    if (out == 0) return 0
    sum += sumBytes
    scale += 4
  }
  return out
}

/** The sums as the states of one more group. */
function statesOfSums(plan: Plan): void {
  const holder = holderAt(statesCount++)
  let at = <usize>codedPlan().scratch
  holder.statesAt = <u32>at
  let sum = <usize>codedPlan().sums
  let scale = <usize>codedPlan().scales
  for (let value: u32 = 0; value < plan.valueCount; value++) {
    const op = load<u32>(<usize>plan.operations + (<usize>value << 2))
    const state = changetype<Sum>(sum)
    if (op == opCount || op == opAvg) at = writeVarint(at, state.count)
    if (op != opCount) {
      at = writeVarint(at, <u64>load<u32>(scale) | (state.total < 0 ? isNegativeBit : 0))
      at = writeVarint(at, <u64>abs<i64>(state.total))
    }
    sum += sumBytes
    scale += 4
  }
  holder.statesEnd = <u32>at
}

function writeVarint(to: usize, value: u64): usize {
  let at = to
  let rest = value
  while (rest > 0x7f) {
    store<u8>(at++, <u8>(rest | 0x80))
    rest >>= 7
  }
  store<u8>(at, <u8>rest)
  return at + 1
}

/** Copies a text, and up to 15 bytes behind it. */
@inline
function copyLong(to: usize, from: usize, length: u32): usize {
  let at: usize = 0
  do {
    v128.store(to + at, v128.load(from + at))
    at += 16
  } while (at < <usize>length)
  return to + <usize>length
}
