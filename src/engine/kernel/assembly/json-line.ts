/**
 * A JSON line into the slots of an area, step by step of the graph.
 *
 * A line is parsed to its end before anything comes of it. Whatever is not plain - a broken line above all - goes to the row path
 * as it is, so the kernel never has to say what is wrong with a line, only that it is certain about those it takes.
 */
import {decode, decodedAt, decodedLength} from './escapes'
import {Edge, learn, learnedEnd, matches, moveToFront, Node, start} from './graph'
import {absent, escapedText, isFalse, isNull, isTrue, nested, Plan, planAt, Slot, slotBytes, text} from './layout'
import {readNumber, skipNumber} from './numbers'
import {clearEscape, hasEscape, nextStop, stringEnd, unusualStringEnd} from './text'
import {readUsualLine, usualBits, usualLanes} from './usual'
import {literalEnd, nestedEnd} from './values'

const plan = changetype<Plan>(planAt)
/** Bits of all slots. */
let slotBits: u64 = 0
/** Of the last line: the bits of all names and objects that were seen. */
export let lineBits: u64 = 0

export function openJsonLines(): void {
  slotBits = plan.slotCount == 64 ? u64.MAX_VALUE : (<u64>1 << plan.slotCount) - 1
}

/** Reads the fields of the line at `from` into `area`. Returns where the next line begins; 0: for the row path. */
@inline
export function parseLine(from: usize, area: usize): usize {
  if (usualLanes != 0) {
    const end = readUsualLine(from, area)
    if (end != 0) {
      lineBits = usualBits
      return end
    }
  }
  return finishLine(from, start, 0, area)
}

/** The same from a step on, with the bits of the names that came before it. */
export function finishLine(from: usize, firstNode: Node, bitsBefore: u64, area: usize): usize {
  let at = from
  let node = firstNode
  let seen = bitsBefore
  while (true) {
    const first = node.first
    let edge = changetype<Edge>(first)
    let end: usize = 0
    while (true) {
      if (changetype<usize>(edge) == 0) {
        edge = learn(node, at)
        if (changetype<usize>(edge) == 0) return 0
        if (edge.target == 0) {
          end = learnedEnd
          break
        }
        // Seldom: a copy of all that reads a value would double what V8 has to compile before lines are read fast.
        end = readElement(learnedEnd, edge, area)
        if (end <= mismatch) return 0
        break
      }
      if (matches(edge, at)) {
        end = at + <usize>edge.length
        if (edge.target == 0) break
        end = readValue(end, edge, area)
        if (end == 0) return 0
        if (end != mismatch) {
          if (<u32>changetype<usize>(edge) != first) moveToFront(node, edge)
          break
        }
      }
      edge = changetype<Edge>(edge.next)
    }
    const bits = edge.bits
    if ((seen & bits) != 0) return 0
    seen |= bits
    at = end
    if (edge.target == 0) break
    node = changetype<Node>(edge.target)
  }
  lineBits = seen
  let missing = slotBits & ~seen
  while (missing != 0) {
    setSimple(changetype<Slot>(area + <usize>plan.slotsAt + <usize>ctz<u64>(missing) * slotBytes), absent, 0)
    missing &= missing - 1
  }
  return at
}

/** Whether these are the bits of all fields that are needed. */
@inline
export function hasAll(seen: u64): bool {
  return (slotBits & ~seen) == 0
}

/** From readValue: no value begins here, or one that is part of another step. */
export const mismatch: usize = 1

/** Reads the value at `at`. Returns where it ends; 0: for the row path. */
@inline
export function readValue(at: usize, edge: Edge, area: usize): usize {
  const byte = <u32>load<u8>(at)
  const offset = <usize>edge.slot
  if (offset == 0) {
    if (byte == 0x22) {
      const end = stringEnd(at + 1)
      return end == 0 ? 0 : end + 1
    }
    if (byte - 0x30 < 10 || byte == 0x2d) return skipNumber(at)
    return skipOther(at, byte, edge.hasChild)
  }
  return readNeeded(at, byte, edge.hasChild, changetype<Slot>(area + offset), edge.allowed)
}

@inline
function readNeeded(at: usize, byte: u32, hasChild: u32, slot: Slot, allowed: u32): usize {
  let end: usize
  if (byte == 0x22) {
    end = nextStop(at + 1)
    slot.kind = text
    slot.start = <u32>at + 1
    slot.length = <u32>(end - at - 1)
    slot.scale = 0
    if (load<u8>(end) != 0x22) {
      end = readUnusualText(end, slot)
      if (end == 0) return 0
    }
    end++
  } else if (byte - 0x30 < 10 || byte == 0x2d) {
    end = readNumber(at, slot)
  } else {
    end = readOther(at, byte, hasChild, slot)
  }
  return ((allowed >> slot.kind) & 1) != 0 || end == mismatch ? end : 0
}

/** For code for usual lines: a value that is no text, and that nobody needs. */
export function skippedValueEnd(at: usize): usize {
  const byte = <u32>load<u8>(at)
  const end = byte - 0x30 < 10 || byte == 0x2d ? skipNumber(at) : skipOther(at, byte, 0)
  return end == mismatch ? 0 : end
}

/** For the same: a value that is needed. */
export function neededValueEnd(at: usize, slot: Slot, allowed: u32): usize {
  const end = readNeeded(at, <u32>load<u8>(at), 0, slot, allowed)
  return end == mismatch ? 0 : end
}

/** As `readValue`, where values are read seldom: an element of a list, by an edge of the caller's. */
export function readElement(at: usize, edge: Edge, area: usize): usize {
  return readValue(at, edge, area)
}

/** Goes on at a byte that is no quote. Returns where the closing quote is. */
function readUnusualText(from: usize, slot: Slot): usize {
  clearEscape()
  const end = unusualStringEnd(from)
  if (end == 0) return 0
  slot.length = <u32>end - slot.start
  if (!hasEscape) return end
  if (decode(slot.start, end)) {
    slot.start = <u32>decodedAt
    slot.length = decodedLength
  } else {
    slot.kind = escapedText
  }
  return end
}

/** As `readUnusualText`, for text that is plain when it is decoded. */
export function neededTextEnd(from: usize, slot: Slot): usize {
  const end = readUnusualText(from, slot)
  return slot.kind == text ? end : 0
}

function skipOther(at: usize, byte: u32, hasChild: u32): usize {
  if (byte == 0x7b || byte == 0x5b) {
    // A list has no member of any name.
    if (hasChild != 0 && byte == 0x7b) return mismatch
    if (hasChild == 2) return 0
    return nestedEnd(at)
  }
  const end = literalEnd(at)
  return end == 0 ? mismatch : end
}

function readOther(at: usize, byte: u32, hasChild: u32, slot: Slot): usize {
  const end = skipOther(at, byte, hasChild)
  const kind = byte == 0x6e ? isNull : byte == 0x74 ? isTrue : byte == 0x66 ? isFalse : nested
  setSimple(slot, kind, <i64>(kind == isTrue))
  slot.start = <u32>at
  slot.length = <u32>(end - at)
  return end
}

@inline
function setSimple(slot: Slot, kind: u32, mantissa: i64): void {
  slot.kind = kind
  slot.scale = 0
  slot.mantissa = mantissa
}
