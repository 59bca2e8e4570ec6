/** Coded runs as runs of records, and the other way round. */
import {ByteBuffer, ByteCursor} from '../bytes/index.ts'
import {
  type CodedPart,
  type CodedRun,
  endsOf,
  type NumbersRun,
  placeBitsMax,
  placeOf,
  placesAt,
  type StatesRun,
  statesEntryBytes,
} from './coded-run.ts'
import {blockHeaderBytes, openBlock} from './run-format.ts'
import type {RunSource} from './run-reader.ts'
import {RunWriter} from './run-writer.ts'

/** Writes the groups of a coded run as records: the run that its table would have made. */
export function writeRecordsOf(run: CodedRun, sink: (block: Uint8Array) => void): void {
  const writer = new RunWriter(sink)
  const key = new ByteBuffer()
  const states = new ByteBuffer()
  const writeStates = run.kind === 'numbers' ? numbersWriter(run) : statesWriter(run)
  const parts = run.parts.map(part => ({...part, ends: endsOf(part)}))
  for (let index = 0; index < run.count; index++) {
    const places = placesAt(run, index)
    key.clear()
    for (const part of parts) {
      const place = placeOf(places, part)
      key.slice(part.texts, part.starts[place]!, part.ends[place]!)
    }
    states.clear()
    writeStates(index, states)
    writer.add(key.view(), states.view())
  }
  writer.end()
}

type StatesWriter = (index: number, into: ByteBuffer) => void

function statesWriter({entries, states}: StatesRun): StatesWriter {
  const view = new DataView(entries.buffer, entries.byteOffset)
  return (index, into) => {
    const at = index * statesEntryBytes
    const start = view.getUint32(at + 8, true)
    into.slice(states, start, start + view.getUint32(at + 12, true))
  }
}

function numbersWriter({entries, entryBytes, values}: NumbersRun): StatesWriter {
  const view = new DataView(entries.buffer, entries.byteOffset)
  return (index, into) => {
    let at = index * entryBytes + 4
    for (const {operation, scale} of values) {
      if (operation !== 'sum') {
        into.varint(view.getUint32(at, true))
        at += 4
      }
      if (operation !== 'count') {
        const total = view.getInt32(at + 4, true) * 2 ** 32 + view.getUint32(at, true)
        if (Number.isSafeInteger(total)) writeSum(into, total, scale)
        else writeLargeSum(into, view.getBigInt64(at, true), scale)
        at += 8
      }
    }
  }
}

const isNegativeBit = 64
const isBigBit = 128

/** The form of ../columns/exact-sums.ts. */
function writeSum(into: ByteBuffer, total: number, scale: number): void {
  let rest = Math.abs(total)
  let places = scale
  for (; places > 0 && rest % 10 === 0; places--) rest /= 10
  into.varint(places + (total < 0 ? isNegativeBit : 0))
  into.varint(rest)
}

function writeLargeSum(into: ByteBuffer, total: bigint, scale: number): void {
  let rest = total < 0n ? -total : total
  let places = scale
  for (; places > 0 && rest % 10n === 0n; places--) rest /= 10n
  const head = places + (total < 0n ? isNegativeBit : 0)
  if (rest <= BigInt(Number.MAX_SAFE_INTEGER)) {
    into.varint(head)
    into.varint(Number(rest))
  } else {
    into.varint(head + isBigBit)
    into.text(rest.toString(16))
  }
}

/**
 * The groups of a run of records as a coded run, in memory that threads share.
 *
 * @returns undefined when its parts have too many texts
 * @throws UserError SPILL_FAILED when a block is damaged
 */
export function codedOfRecords(run: RunSource, partCount: number): StatesRun | undefined {
  const texts = Array.from({length: partCount}, () => new Map<string, number>())
  /** Of each group a number for each of its texts, then where its states begin, and their length. */
  const found: number[] = []
  const states = new ByteBuffer()
  const cursor = new ByteCursor()
  let blockIndex = 0
  for (let block = run.read(); block !== undefined; block = run.read()) {
    const {records} = openBlock(block, blockIndex++)
    const bytes = Buffer.from(block.buffer, block.byteOffset, block.byteLength)
    cursor.open(block, blockHeaderBytes)
    for (let left = records; left > 0; left--) {
      const keyLength = cursor.varint()
      const statesLength = cursor.varint()
      let start = cursor.skip(keyLength)
      for (const known of texts) {
        const end = bytes.indexOf(0, start) + 1
        const text = bytes.toString('latin1', start, end)
        const number = known.get(text) ?? known.size
        if (number === known.size) known.set(text, number)
        found.push(number)
        start = end
      }
      const statesAt = cursor.skip(statesLength)
      found.push(states.length, statesLength)
      states.raw(block.subarray(statesAt, statesAt + statesLength))
    }
  }
  return codedOf(texts, found, states)
}

function codedOf(
  texts: readonly Map<string, number>[],
  found: readonly number[],
  states: ByteBuffer,
): StatesRun | undefined {
  const parts: CodedPart[] = []
  const ranks: Uint32Array[] = []
  let shift = 0
  for (const known of texts.toReversed()) {
    const part = partOf(known, shift)
    parts.unshift(part.part)
    ranks.unshift(part.ranks)
    shift += part.part.bits
  }
  if (shift > placeBitsMax) return undefined
  const words = texts.length + 2
  const count = found.length / words
  const entries = sharedBytes(count * statesEntryBytes)
  const view = new DataView(entries.buffer)
  for (let index = 0; index < count; index++) {
    const places = parts.reduce((sum, part, at) => sum + ranks[at]![found[index * words + at]!]! * 2 ** part.shift, 0)
    const at = index * statesEntryBytes
    view.setUint32(at, places % 2 ** 32, true)
    view.setUint32(at + 4, Math.floor(places / 2 ** 32), true)
    view.setUint32(at + 8, found[index * words + texts.length]!, true)
    view.setUint32(at + 12, found[index * words + texts.length + 1]!, true)
  }
  const kept = sharedBytes(states.length)
  kept.set(states.view())
  return {kind: 'states', parts, count, entryBytes: statesEntryBytes, entries, states: kept}
}

/** The texts in their order, and the place of each by its number. */
function partOf(known: ReadonlyMap<string, number>, shift: number): {part: CodedPart; ranks: Uint32Array} {
  // Bytes as characters are in the order of bytes.
  const sorted = [...known.keys()].sort()
  const ranks = new Uint32Array(known.size)
  const starts = new Uint32Array(known.size)
  const records = new ByteBuffer()
  for (const [rank, text] of sorted.entries()) {
    ranks[known.get(text)!] = rank
    records.varint(text.length)
    records.varint(0)
    starts[rank] = records.length
    records.raw(Buffer.from(text, 'latin1'))
  }
  const texts = sharedBytes(records.length)
  texts.set(records.view())
  const bits = Math.ceil(Math.log2(Math.max(2, known.size)))
  return {part: {count: known.size, texts, starts, shift, bits}, ranks}
}

function sharedBytes(count: number): Uint8Array<SharedArrayBuffer> {
  return new Uint8Array(new SharedArrayBuffer(count))
}
