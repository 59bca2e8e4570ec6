/**
 * Small records: the fields that the rest of a rule needs, as JSON text for the host to parse.
 *
 * Values go as they stand in the input wherever they can, so the host's parser gives them the meaning that it gives them in
 * a whole line. Text is quoted anew: it may have been decoded, or come from input that is not JSON.
 */
import {
  absent,
  escapedText,
  isFalse,
  isNull,
  isTrue,
  Piece,
  pieceBytes,
  pieceClose,
  pieceOpen,
  Plan,
  Range,
  rangeBytes,
  recordBytes,
  recordLinesAt,
  recordLinesMax,
  recordsAt,
  Slot,
  text,
} from './layout'

/** Since openRecords. */
export let recordCount: u32 = 0
/** Of the array; 0 without records. */
export let recordBytesUsed: u32 = 0

let plan: Plan = changetype<Plan>(0)
/** Where the next record goes. */
let top: usize = recordsAt
const limit: usize = recordsAt + recordBytes

const comma: u32 = 0x2c
const openingBrace: u32 = 0x7b
const quote: u32 = 0x22
const backslash: u32 = 0x5c

/** Begins an empty array. */
export function openRecords(image: Plan): void {
  plan = image
  recordCount = 0
  store<u8>(recordsAt, 0x5b)
  top = recordsAt + 1
}

/** Ends the array. */
export function closeRecords(): void {
  // Behind the last record there are a comma and a newline.
  if (recordCount != 0) store<u8>(top - 2, 0x5d)
  recordBytesUsed = recordCount == 0 ? 0 : <u32>(top - 1 - recordsAt)
}

/** Appends the line from..to-1 as a record. Returns false, and does nothing, when there is no room. */
export function writeRecord(area: usize, bits: u64, from: usize, to: usize, line: u32): bool {
  if (recordCount == recordLinesMax || top + 4 > limit) return false
  let out = top
  store<u8>(out++, openingBrace)
  let address = <usize>plan.pieces
  const end = address + <usize>plan.pieceCount * pieceBytes
  while (address < end) {
    const piece = changetype<Piece>(address)
    address += pieceBytes
    const length = <usize>piece.textLength
    if (out + length + 8 > limit) return false
    if (piece.op == pieceClose) {
      store<u8>(out++, 0x7d)
      continue
    }
    if (piece.op == pieceOpen) {
      if ((bits & (<u64>1 << piece.slot)) == 0) {
        address = piece.behind
        continue
      }
      out = copied(piece.textAt, length, separated(out))
      continue
    }
    const slot = changetype<Slot>(area + <usize>piece.slot)
    if (slot.kind == absent) continue
    out = writeValue(slot, copied(piece.textAt, length, separated(out)))
    if (out == 0) return false
  }
  if (out + 4 > limit) return false
  // Newlines stand between records only: by them the host may cut the text.
  store<u32>(out, 0x000a2c7d)
  top = out + 3
  const range = changetype<Range>(recordLinesAt + <usize>recordCount * rangeBytes)
  range.from = <u32>from
  range.to = <u32>to
  range.line = line
  recordCount++
  return true
}

/** Behind the comma that a member needs when it is not the first of its object. */
@inline
function separated(out: usize): usize {
  if (<u32>load<u8>(out - 1) == openingBrace) return out
  store<u8>(out, comma)
  return out + 1
}

/** Copies, up to 15 bytes too much; returns where the copy ends. */
@inline
function copied(from: usize, length: usize, out: usize): usize {
  for (let at: usize = 0; at < length; at += 16) v128.store(out + at, v128.load(from + at))
  return out + length
}

/** Returns where the value ends; 0 when there is no room. */
function writeValue(slot: Slot, out: usize): usize {
  const kind = slot.kind
  if (kind == text) return writeText(slot.start, slot.length, out)
  if (kind == isNull || kind == isTrue) {
    store<u32>(out, kind == isNull ? 0x6c6c756e : 0x65757274)
    return out + 4
  }
  if (kind == isFalse) {
    store<u32>(out, 0x736c6166)
    store<u8>(out, 0x65, 4)
    return out + 5
  }
  const length = <usize>slot.length
  if (out + length + 8 > limit) return 0
  if (kind != escapedText) return copied(slot.start, length, out)
  // Its escapes are well formed: they were checked.
  store<u8>(out, quote)
  const end = copied(slot.start, length, out + 1)
  store<u8>(end, quote)
  return end + 1
}

function writeText(start: u32, length: u32, out: usize): usize {
  if (out + <usize>length + 8 > limit) return 0
  store<u8>(out, quote)
  let at = <usize>start
  let place = out + 1
  const end = at + <usize>length
  while (at < end) {
    const bytes = v128.load(at)
    v128.store(place, bytes)
    const special = v128.or(
      v128.or(i8x16.eq(bytes, i8x16.splat(<i8>quote)), i8x16.eq(bytes, i8x16.splat(<i8>backslash))),
      i8x16.lt_u(bytes, i8x16.splat(0x20)),
    )
    const plain = min(<usize>ctz<i32>(i8x16.bitmask(special) | 0x10000), end - at)
    at += plain
    place += plain
    if (plain == 16 || at == end) continue
    // Six bytes may come of this one, and all others may follow.
    if (place + (end - at) + 16 > limit) return 0
    place = escape(load<u8>(at), place)
    at++
  }
  if (place + 8 > limit) return 0
  store<u8>(place, quote)
  return place + 1
}

function escape(byte: u32, out: usize): usize {
  if (byte >= 0x20) {
    store<u8>(out, <u8>backslash)
    store<u8>(out, <u8>byte, 1)
    return out + 2
  }
  // \u00, then two digits.
  store<u32>(out, 0x3030755c)
  store<u8>(out, <u8>(0x30 + (byte >> 4)), 4)
  const low = byte & 15
  store<u8>(out, <u8>(low < 10 ? 0x30 + low : 0x57 + low), 5)
  return out + 6
}
