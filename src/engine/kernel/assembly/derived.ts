/**
 * Fields made from fields by a rule's transforms.
 *
 * The common case of the common transforms is done here. Everything else - other transforms, chains of them, values that
 * take more thought - the host does with the very functions of the row path, and a small table remembers what came of which
 * value.
 */
import {emptyHash, finishHash, hashPart, isSame} from './groups'
import {
  calculate,
  decimalOf,
  decimalScale,
  isNone,
  isUnclear,
  noDecimal,
  operandOf,
  writeDecimal,
} from './arithmetic'
import {answer, unknown, yes} from './conditions'
import {scratchRoom, takeScratch} from './escapes'
import {
  absent,
  cachesAt,
  cacheBytes,
  Derived,
  double,
  escapedText,
  isFalse,
  isNull,
  isTrue,
  nested,
  number,
  opArithmetic,
  opLiteral,
  opLookup,
  opLower,
  opTest,
  opMinute,
  opToInt,
  opTruncateIp,
  opUpper,
  opUrlHost,
  opWeek,
  otherNumber,
  resultAt,
  Slot,
  slotBytes,
  text,
} from './layout'
import {digitsNumber} from './numbers'
import {bucketText, isLocal, localOf, noTime, secondsOfNumber, secondsOfText} from './times'

/** The host writes what it makes of a value at resultAt, and returns its kind; `unknownKind` for what only the row path handles. */
@external('host', 'transform')
declare function transformByHost(id: u32, kind: u32, start: usize, length: u32): u32
const unknownKind: u32 = 255
/** A lookup found nothing. */
const otherwiseKind: u32 = 254

/** The host writes a number's text, and returns its kind, as above. */
@external('host', 'number')
declare function numberByHost(value: f64): u32

/** What the host writes: the length of the text, scale, mantissa, text. */
@unmanaged
class Result {
  length: u32
  scale: u32
  mantissa: i64
}
const resultTextAt: usize = 16

/** A remembered value. Longer texts are not remembered. */
@unmanaged
class Memory {
  hash: u32
  /** The source's kind + 1; 0: empty. */
  sourceMark: u8
  sourceLength: u8
  kind: u8
  length: u8
  mantissa: i64
  scale: u32
}
const sourceAt: usize = 24
const sourceMax: u32 = 48
const textAt: usize = 72
const textMax: u32 = 56
const memoryBytes: usize = 128

const zero = memory.data<u8>([0x30])
/** true, false */
const truths = memory.data<u8>([0x74, 0x72, 0x75, 0x65, 0x66, 0x61, 0x6c, 0x73, 0x65])

/** Fills in a derived field of a line. Returns false when the line has to go to the row path. */
export function derive(derived: Derived, area: usize): bool {
  if (derived.op >= opLiteral) return deriveOther(derived, area)
  const source = changetype<Slot>(area + <usize>derived.source)
  const target = changetype<Slot>(area + <usize>derived.target)
  const kind = source.kind
  if (kind == absent) {
    setPlain(target, absent)
    return true
  }
  if (kind >= otherNumber) return false
  if (!deriveHere(derived, source, target) && !deriveByMemory(derived, source, target)) return false
  return ((derived.allowed >> target.kind) & 1) != 0
}

/** What is made of something else than one value that is there. */
function deriveOther(derived: Derived, area: usize): bool {
  const op = derived.op
  const target = changetype<Slot>(area + <usize>derived.target)
  if (op == opLiteral) {
    memory.copy(changetype<usize>(target), derived.second, slotBytes)
  } else if (op == opTest) {
    const found = answer(derived.source, area)
    if (found == unknown) return false
    setTruth(target, found == yes)
  } else if (op == opArithmetic) {
    if (!deriveNumber(derived, area, target)) return false
  } else if (op == opLookup) {
    if (!lookUp(derived, area, target)) return false
  } else {
    // An element has its value already.
    return true
  }
  return ((derived.allowed >> target.kind) & 1) != 0
}

function setTruth(slot: Slot, holds: bool): void {
  setText(slot, holds ? truths : truths + 4, holds ? 4 : 5)
  slot.kind = holds ? isTrue : isFalse
  slot.mantissa = <i64>holds
}

function deriveNumber(derived: Derived, area: usize, target: Slot): bool {
  const left = operandOf(changetype<Slot>(area + <usize>derived.source))
  const isNothing = isNone
  if (isUnclear) return false
  const right = operandOf(changetype<Slot>(area + <usize>derived.second))
  if (isUnclear) return false
  const value = isNothing || isNone ? NaN : calculate(derived.argument, left, right)
  if (isUnclear) return false
  if (isNaN(value)) {
    setPlain(target, isNull)
    return true
  }
  if (derived.memory == 0) {
    setPlain(target, double)
    target.mantissa = reinterpret<i64>(value)
    return true
  }
  const mantissa = decimalOf(value)
  if (mantissa == noDecimal) return takeResult(target, numberByHost(value))
  if (scratchRoom() < 64) return false
  const start = takeScratch(32)
  setText(target, start, writeDecimal(mantissa, decimalScale, start))
  target.kind = number
  target.mantissa = mantissa
  target.scale = decimalScale
  return true
}

function lookUp(derived: Derived, area: usize, target: Slot): bool {
  const source = changetype<Slot>(area + <usize>derived.source)
  const kind = source.kind
  if (kind == otherNumber || kind == nested || kind == escapedText || kind == double) return false
  if (!deriveByMemory(derived, source, target)) return false
  if (target.kind != otherwiseKind) return true
  if (derived.second == 0) setPlain(target, absent)
  else memory.copy(changetype<usize>(target), area + <usize>derived.second, slotBytes)
  return true
}

@inline
function setPlain(slot: Slot, kind: u32): void {
  slot.kind = kind
  slot.scale = 0
  slot.mantissa = 0
}

@inline
function setText(slot: Slot, start: usize, length: u32): void {
  setPlain(slot, text)
  slot.start = <u32>start
  slot.length = length
}

/** Returns false when it is not one of the simple cases. */
@inline
function deriveHere(derived: Derived, source: Slot, target: Slot): bool {
  const op = derived.op
  if (op >= opMinute && op <= opWeek) return deriveTime(derived, source, target)
  if (op == opToInt) return toInt(source, target)
  if (source.kind != text) return false
  if (op == opLower) return changeCase(source, target, 0x41)
  if (op == opUpper) return changeCase(source, target, 0x61)
  if (op == opTruncateIp) return truncateIp(source, target)
  if (op == opUrlHost) return urlHost(source, target)
  return false
}

function deriveTime(derived: Derived, source: Slot, target: Slot): bool {
  let seconds: i64
  let isThere = false
  if (source.kind == number && source.scale == 0) seconds = secondsOfNumber(source.mantissa, derived.argument)
  else if (source.kind == text) {
    seconds = secondsOfText(source.start, source.length, derived.argument)
    isThere = isLocal
  } else return false
  if (derived.second != 0 && !isThere && seconds != noTime) seconds = localOf(seconds, derived.second)
  if (seconds == noTime || scratchRoom() < 64) return false
  const start = takeScratch(16)
  setText(target, start, bucketText(derived.op, seconds, start))
  return true
}

function toInt(source: Slot, target: Slot): bool {
  const start = <usize>source.start
  const length = source.length
  if (source.kind == number) {
    target.kind = number
    target.mantissa = source.mantissa
    target.scale = source.scale
    target.start = source.start
    target.length = length
    // Zeros behind the point are not part of the text.
    if (source.scale != 0 && hasPoint(start, length)) {
      target.mantissa = 0
      target.scale = 0
      target.start = <u32>zero
      target.length = 1
    }
    return true
  }
  if (source.kind != text || (length > 1 && load<u8>(start) == 0x30)) return false
  const value = digitsNumber(start, length)
  if (value < 0) return false
  setText(target, start, length)
  target.kind = number
  target.mantissa = value
  return true
}

function hasPoint(start: usize, length: u32): bool {
  for (let at: usize = 0; at < <usize>length; at++) if (load<u8>(start + at) == 0x2e) return true
  return false
}

/** ASCII letters from `first` on to the other case; texts with anything else than ASCII are for the host. */
function changeCase(source: Slot, target: Slot, first: i8): bool {
  const length = <usize>source.length
  if (length + 64 > scratchRoom()) return false
  const start = takeScratch(length)
  for (let at: usize = 0; at < length; at += 16) {
    const bytes = v128.load(<usize>source.start + at)
    const high = i8x16.bitmask(bytes)
    if (high != 0 && at + <usize>ctz<i32>(high) < length) return false
    const isLetter = i8x16.lt_u(i8x16.sub(bytes, i8x16.splat(first)), i8x16.splat(26))
    v128.store(start + at, v128.xor(bytes, v128.and(isLetter, i8x16.splat(0x20))))
  }
  setText(target, start, source.length)
  return true
}

/** Four octets without leading zeros: the last one becomes 0. */
function truncateIp(source: Slot, target: Slot): bool {
  const end = <usize>source.start + <usize>source.length
  let at = <usize>source.start
  let last = at
  for (let count = 0; count < 4; count++) {
    const first = at
    let octet: u32 = 0
    while (at < end && at < first + 3) {
      const digit = <u32>load<u8>(at) - 0x30
      if (digit > 9) break
      octet = octet * 10 + digit
      at++
    }
    if (at == first || octet > 255 || (at > first + 1 && load<u8>(first) == 0x30)) return false
    if (count == 3) break
    if (at >= end || load<u8>(at) != 0x2e) return false
    at++
    last = at
  }
  if (at != end || scratchRoom() < 64) return false
  const length = last - <usize>source.start
  const start = takeScratch(16)
  v128.store(start, v128.load(source.start))
  store<u8>(start + length, 0x30)
  setText(target, start, <u32>length + 1)
  return true
}

/** A name in lower case behind http:// or https://, up to a slash or the end: it is the host as it stands. */
function urlHost(source: Slot, target: Slot): bool {
  let at = <usize>source.start
  const end = at + <usize>source.length
  if (load<u32>(at) != 0x70747468) return false
  at += load<u8>(at, 4) == 0x73 ? 5 : 4
  if (load<u16>(at) != 0x2f3a || load<u8>(at, 2) != 0x2f) return false
  at += 3
  if (at > end) return false
  const first = at
  let label = at
  while (at < end) {
    const byte = <u32>load<u8>(at)
    if (byte == 0x2e) {
      if (at == label) return false
      label = at + 1
    } else if (byte - 0x61 >= 26 && byte - 0x30 >= 10 && byte != 0x2d && byte != 0x5f) {
      if (byte != 0x2f && byte != 0x3f && byte != 0x23) return false
      break
    }
    at++
  }
  if (at == label || at - first > 253) return false
  setText(target, first, <u32>(at - first))
  return true
}

function deriveByMemory(derived: Derived, source: Slot, target: Slot): bool {
  const kind = source.kind
  const start = <usize>source.start
  const length: u32 = kind >= text ? source.length : 0
  if (length > sourceMax) return deriveByHost(derived, source, target, length)
  const hash = finishHash(hashPart(emptyHash() ^ <u64>kind, start, length))
  const entry = cachesAt + <usize>derived.memory * cacheBytes + (<usize>hash & (cacheBytes / memoryBytes - 1)) * memoryBytes
  const known = changetype<Memory>(entry)
  const isKnown =
    known.hash == hash &&
    <u32>known.sourceMark == kind + 1 &&
    <u32>known.sourceLength == length &&
    isSame(entry + sourceAt, start, length)
  if (!isKnown) {
    if (!deriveByHost(derived, source, target, length)) return false
    if (target.length > textMax) return true
    known.hash = hash
    known.sourceMark = <u8>(kind + 1)
    known.sourceLength = <u8>length
    memory.copy(entry + sourceAt, start, length)
    known.kind = <u8>target.kind
    known.length = <u8>target.length
    known.mantissa = target.mantissa
    known.scale = target.scale
    memory.copy(entry + textAt, target.start, target.length)
    return true
  }
  if (scratchRoom() < 128) return false
  const place = takeScratch(<usize>known.length)
  for (let at: usize = 0; at < <usize>known.length; at += 16) v128.store(place + at, v128.load(entry + textAt + at))
  setText(target, place, known.length)
  target.kind = known.kind
  target.mantissa = known.mantissa
  target.scale = known.scale
  return true
}

function deriveByHost(derived: Derived, source: Slot, target: Slot, length: u32): bool {
  return takeResult(target, transformByHost(derived.id, source.kind, source.start, length))
}

/** Takes what the host wrote. */
function takeResult(target: Slot, kind: u32): bool {
  if (kind == unknownKind) return false
  if (kind == otherwiseKind) {
    setText(target, resultAt, 0)
    target.kind = kind
    return true
  }
  const result = changetype<Result>(resultAt)
  const bytes = <usize>result.length
  if (scratchRoom() < bytes + 64) return false
  const place = takeScratch(bytes)
  memory.copy(place, resultAt + resultTextAt, bytes)
  setText(target, place, result.length)
  target.kind = kind
  target.mantissa = result.mantissa
  target.scale = result.scale
  return true
}
