/**
 * Lines of access logs, common and combined, as ../../readers/access-log.ts says what they are.
 *
 * Lines with bytes beyond ASCII, control characters or backslashes in quotes go to the row path.
 */
import {
  absent,
  Column,
  columnBytes,
  formatCombinedLog,
  isNull,
  noColumn,
  number,
  Plan,
  Slot,
  slotBytes,
  text,
} from './layout'
import {digitsNumber} from './numbers'

const host: u32 = 0
const ident: u32 = 1
const user: u32 = 2
const time: u32 = 3
const method: u32 = 4
const path: u32 = 5
const protocol: u32 = 6
const request: u32 = 7
const status: u32 = 8
const bytes: u32 = 9
const referer: u32 = 10
const agent: u32 = 11
const extra: u32 = 12

/** The fields of the line at hand: 13 slots. */
const fields = memory.data(312, 16)

let plan: Plan = changetype<Plan>(0)

export function openAccessLog(image: Plan): void {
  plan = image
}

/** Reads the needed fields of the line at `from`. Returns where the next one begins; 0: for the row path. */
export function readAccessLog(from: usize, area: usize): usize {
  const newline = plainEnd(from)
  if (newline == 0) return 0
  const end = newline - <usize>(newline > from && load<u8>(newline - 1) == 0x0d)
  if (!readFields(from, end)) return 0
  let address = <usize>plan.columns
  for (let left = plan.columnCount; left != 0; left--) {
    const column = changetype<Column>(address)
    const slot = area + <usize>column.slot
    if (column.index == noColumn) setNothing(changetype<Slot>(slot), absent)
    else memory.copy(slot, changetype<usize>(field(column.index)), slotBytes)
    address += columnBytes
  }
  return newline + 1
}

@inline
function field(index: u32): Slot {
  return changetype<Slot>(fields + <usize>index * slotBytes)
}

@inline
function setNothing(slot: Slot, kind: u32): void {
  slot.kind = kind
  slot.scale = 0
  slot.mantissa = 0
}

@inline
function setNull(index: u32): void {
  setNothing(field(index), isNull)
}

@inline
function setText(index: u32, from: usize, to: usize): void {
  const slot = field(index)
  setNothing(slot, text)
  slot.start = <u32>from
  slot.length = <u32>(to - from)
}

/** A hyphen stands for nothing. */
@inline
function setTextOrNull(index: u32, from: usize, to: usize): void {
  if (to - from == 1 && load<u8>(from) == 0x2d) setNull(index)
  else setText(index, from, to)
}

/** The newline of a line of plain ASCII, with perhaps a carriage return in front of it; 0: it is none. */
function plainEnd(from: usize): usize {
  let at = from
  while (true) {
    const line = v128.load(at)
    // Signed: bytes from 0x80 on are below.
    const odd = i8x16.bitmask(i8x16.lt_s(line, i8x16.splat(0x20)))
    if (odd != 0) {
      const stop = at + <usize>ctz<i32>(odd)
      const byte = <u32>load<u8>(stop)
      if (byte == 0x0a) return stop
      return byte == 0x0d && load<u8>(stop, 1) == 0x0a ? stop + 1 : 0
    }
    at += 16
  }
}

/** The first of a byte in from..to-1; `to` for none. */
@inline
function find(from: usize, to: usize, byte: i8): usize {
  let at = from
  while (at < to) {
    const found = i8x16.bitmask(i8x16.eq(v128.load(at), i8x16.splat(byte)))
    if (found != 0) return min(at + <usize>ctz<i32>(found), to)
    at += 16
  }
  return to
}

/** The closing quote of a text without backslashes; 0: there is none. */
@inline
function quoteEnd(from: usize, to: usize): usize {
  let at = from
  while (at < to) {
    const line = v128.load(at)
    const found = i8x16.bitmask(
      v128.or(i8x16.eq(line, i8x16.splat(0x22)), i8x16.eq(line, i8x16.splat(0x5c))),
    )
    if (found != 0) {
      const stop = at + <usize>ctz<i32>(found)
      return stop < to && load<u8>(stop) == 0x22 ? stop : 0
    }
    at += 16
  }
  return 0
}

function readFields(from: usize, to: usize): bool {
  const hostEnd = find(from, to, 0x20)
  if (hostEnd == from || hostEnd >= to) return false
  setTextOrNull(host, from, hostEnd)
  const identAt = hostEnd + 1
  const identEnd = find(identAt, to, 0x20)
  if (identEnd == identAt || identEnd >= to) return false
  setTextOrNull(ident, identAt, identEnd)
  // The user may hold blanks: it ends where the time begins.
  const userAt = identEnd + 1
  const bracket = find(userAt, to, 0x5b)
  if (bracket >= to || bracket == userAt || load<u8>(bracket - 1) != 0x20) return false
  setTextOrNull(user, userAt, bracket - 1)
  const timeEnd = find(bracket + 1, to, 0x5d)
  if (timeEnd + 3 > to || load<u16>(timeEnd, 1) != 0x2220) return false
  setTextOrNull(time, bracket + 1, timeEnd)
  const requestAt = timeEnd + 3
  const requestEnd = quoteEnd(requestAt, to)
  if (requestEnd == 0) return false
  readRequest(requestAt, requestEnd)
  let at = readCount(status, requestEnd + 1, to)
  if (at == 0) return false
  at = readCount(bytes, at, to)
  if (at == 0 || (at < to && load<u8>(at) != 0x20)) return false
  if (plan.format == formatCombinedLog) {
    at = readQuoted(referer, at, to)
    if (at == 0) return false
    at = readQuoted(agent, at, to)
    if (at == 0) return false
  }
  readExtra(at, to)
  return true
}

/** `METHOD path HTTP/…`, or anything else as it stands. */
function readRequest(from: usize, to: usize): void {
  setNull(method)
  setNull(path)
  setNull(protocol)
  setNull(request)
  if (to - from == 1 && load<u8>(from) == 0x2d) return
  const methodEnd = tokenEnd(from, to)
  let protocolAt = to
  while (protocolAt > from && load<u8>(protocolAt - 1) != 0x20) protocolAt--
  const pathAt = methodEnd + 1
  const pathEnd = protocolAt - 1
  const isRequest =
    methodEnd > from &&
    load<u8>(methodEnd) == 0x20 &&
    protocolAt > pathAt + 1 &&
    load<u8>(pathAt) != 0x20 &&
    load<u8>(pathEnd - 1) != 0x20 &&
    isProtocol(protocolAt, to)
  if (!isRequest) {
    setText(request, from, to)
    return
  }
  setText(method, from, methodEnd)
  setText(path, pathAt, pathEnd)
  setText(protocol, protocolAt, to)
}

/** Where a token of HTTP ends. */
function tokenEnd(from: usize, to: usize): usize {
  let at = from
  while (at < to && isTokenByte(load<u8>(at))) at++
  return at
}

function isTokenByte(byte: u32): bool {
  if ((byte | 0x20) - 0x61 < 26 || byte - 0x30 < 10) return true
  switch (byte) {
    case 0x21: // !
    case 0x23: // #
    case 0x24: // $
    case 0x25: // %
    case 0x26: // &
    case 0x27: // '
    case 0x2a: // *
    case 0x2b: // +
    case 0x2d: // -
    case 0x2e: // .
    case 0x5e: // ^
    case 0x5f: // _
    case 0x60: // `
    case 0x7c: // |
    case 0x7e: // ~
      return true
    default:
      return false
  }
}

/** HTTP/ and digits or points. */
function isProtocol(from: usize, to: usize): bool {
  if (to - from < 6 || load<u32>(from) != 0x50545448 || load<u8>(from, 4) != 0x2f) return false
  for (let at = from + 5; at < to; at++) {
    const byte = <u32>load<u8>(at)
    if (byte - 0x30 >= 10 && byte != 0x2e) return false
  }
  return true
}

/** A blank and a number or a hyphen. Returns where it ends; 0: it is none, or not as JavaScript prints it. */
function readCount(index: u32, from: usize, to: usize): usize {
  if (from + 2 > to || load<u8>(from) != 0x20) return 0
  const start = from + 1
  if (load<u8>(start) == 0x2d) {
    setNull(index)
    return start + 1
  }
  let end = start
  while (end < to && <u32>load<u8>(end) - 0x30 < 10) end++
  const length = <u32>(end - start)
  const value = digitsNumber(start, length)
  if (value < 0 || (length > 1 && load<u8>(start) == 0x30)) return 0
  setText(index, start, end)
  const slot = field(index)
  slot.kind = number
  slot.mantissa = value
  return end
}

/** A blank and a text in quotes. Returns where it ends; 0: it is none. */
function readQuoted(index: u32, from: usize, to: usize): usize {
  if (from + 3 > to || load<u16>(from) != 0x2220) return 0
  const end = quoteEnd(from + 2, to)
  if (end == 0) return 0
  setTextOrNull(index, from + 2, end)
  return end + 1
}

function readExtra(from: usize, to: usize): void {
  let start = from
  let end = to
  while (start < end && load<u8>(start) == 0x20) start++
  while (end > start && load<u8>(end - 1) == 0x20) end--
  if (start == end) setNull(extra)
  else setText(extra, start, end)
}
