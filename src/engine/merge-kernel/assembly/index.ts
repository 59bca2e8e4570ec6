/**
 * Merges sorted runs into the text of rows: equal keys come together, their states are added up, keys and values are written as
 * CSV or JSON. The host reads blocks, takes text, and finishes the rows that this module leaves to it.
 */
import {codedPlan, codedPlanAt, restAt} from './coded-layout'
import {isCodedEnd, nextCodedKey, openCoded, writeCodedValues} from './coded-merge'
import * as codedTexts from './coded-texts'
import {partEndOf, writePart} from './key-text'
import {Plan, planAt, Text, textBytes} from './layout'
import {holderAt, holderCount, keyAt, keyLength, nextKey, openOrder} from './order'
import {copyText, writeValues} from './values'

/** Takes the text of from..to-1. */
@external('host', 'flush')
declare function flush(from: usize, to: usize): void

/** Finishes the row whose key parts it has been given: values, and what ends a row. */
@external('host', 'finishRow')
declare function finishRow(): void

/** Bytes that copies write behind the text, and a number's digits. */
const slack: usize = 64
const pageBytes: usize = 64 * 1024

let rowCount: u32 = 0

export function planAddress(): usize {
  return planAt
}

export function rows(): u32 {
  return rowCount
}

export function holders(): u32 {
  return holderCount
}

/** Where the states of the current group lie in the run of a holder. */
export function statesStart(holder: u32): u32 {
  return holderAt(holder).statesAt
}

export function statesEnd(holder: u32): u32 {
  return holderAt(holder).statesEnd
}

/** Merges all that the plan names. All text has been handed over when it returns. */
export function merge(): void {
  const plan = changetype<Plan>(planAt)
  const start = <usize>plan.outAt
  let end = start + <usize>plan.outBytes
  let out = start
  rowCount = 0
  openOrder()
  while (nextKey()) {
    // Escaping makes six bytes of one at most, and quotes go around each part.
    const needed = <usize>keyLength * 6 + <usize>plan.rowBytes + slack
    if (out + needed > end) {
      flush(start, out)
      out = start
      if (out + needed > end) end = makeRoom(out + needed)
    }
    const rowAt = out
    out = writeKey(plan, out)
    rowCount++
    const valuesEnd = writeValues(out)
    if (valuesEnd == 0) {
      flush(start, out)
      finishRow()
      out = start
      continue
    }
    out = valuesEnd
    if (plan.marksBlank != 0 && out == rowAt) {
      store<u16>(out, 0x2222)
      out += 2
    }
    out = copyText(out, plan.endAt, plan.endLength)
  }
  flush(start, out)
}

/** Where all but the plans may go. */
export function restAddress(): usize {
  return restAt
}

/** Where the plan of a coded merge goes. */
export function codedPlanAddress(): usize {
  return codedPlanAt
}

/** As mergeTexts of coded-texts.ts, which see. */
export function mergeTexts(part: u32, shift: u32, list: usize, cursors: usize, to: usize): usize {
  return codedTexts.mergeTexts(part, shift, list, cursors, to)
}

export function textCount(): u32 {
  return codedTexts.textCount
}

export function longestText(): u32 {
  return codedTexts.longestText
}

/** Rows that are made by one call: the engine's better code for a function is used from its next call on. */
const rowsTogether: u32 = 4096

/** Where the text is collected, up to which end, and how far it has come. */
let codedStart: usize = 0
let codedEnd: usize = 0
let codedOut: usize = 0

/** Merges stretches of coded runs, whose keys have several parts: no row is empty. All text has been handed over when it returns. */
export function mergeCoded(): void {
  const plan = changetype<Plan>(planAt)
  codedStart = <usize>plan.outAt
  codedEnd = codedStart + <usize>plan.outBytes
  codedOut = codedStart
  rowCount = 0
  const needed = <usize>codedPlan().textBytesMax + <usize>plan.rowBytes + slack
  if (needed > codedEnd - codedStart) codedEnd = makeRoom(codedStart + needed)
  openCoded()
  while (!isCodedEnd()) mergeSomeCoded(plan, needed)
  flush(codedStart, codedOut)
}

function mergeSomeCoded(plan: Plan, needed: usize): void {
  const start = codedStart
  const last = codedEnd - needed
  let out = codedOut
  let left = rowsTogether
  while (left != 0 && !isCodedEnd()) {
    left--
    if (out > last) {
      flush(start, out)
      out = start
    }
    out = nextCodedKey(plan, out)
    const valuesEnd = writeCodedValues(plan, out)
    if (valuesEnd == 0) {
      flush(start, out)
      finishRow()
      out = start
      continue
    }
    out = copyText(valuesEnd, plan.endAt, plan.endLength)
  }
  rowCount += rowsTogether - left
  codedOut = out
}

@inline
function writeKey(plan: Plan, from: usize): usize {
  let out = from
  let front = <usize>plan.fronts
  let part = <usize>keyAt
  const style = plan.style
  for (let count = plan.partCount; count != 0; count--) {
    const text = changetype<Text>(front)
    front += textBytes
    out = copyText(out, text.at, text.length)
    out = writePart(part, out, style)
    part = partEndOf()
  }
  return out
}

/** The text is the last thing in memory: it may take what it needs. Returns its new end. */
function makeRoom(end: usize): usize {
  const have = <usize>memory.size() * pageBytes
  if (end > have && memory.grow(<i32>((end - have + pageBytes - 1) / pageBytes)) < 0) unreachable()
  return end
}
