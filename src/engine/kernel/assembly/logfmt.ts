/**
 * Lines of logfmt, by the graph of steps: a step is white space, keys without value that nobody needs, a key and its equals sign.
 *
 * A needed key without value, or twice, and escapes that JSON has not go to the row path.
 */
import {decode, decodedAt, decodedLength} from './escapes'
import {Edge, learnedEnd, matches, moveToFront, nameOf, Node, nodeOf, remember, setLearnedEnd, start} from './graph'
import {absent, escapedText, Name, Plan, Slot, slotBytes, text} from './layout'
import {clearEscape, hasEscape, nextStop, unusualStringEnd} from './text'
import {isUtf8} from './utf8'

let plan: Plan = changetype<Plan>(0)
/** Bits of all slots. */
let slotBits: u64 = 0

export function openLogfmt(image: Plan): void {
  plan = image
  slotBits = plan.slotCount == 64 ? u64.MAX_VALUE : (<u64>1 << plan.slotCount) - 1
}

/** Reads the needed fields of the line at `from`. Returns where the next one begins; 0: for the row path. */
export function readLogfmt(from: usize, area: usize): usize {
  let at = from
  let node = start
  let seen: u64 = 0
  while (true) {
    const first = node.first
    let edge = changetype<Edge>(first)
    while (changetype<usize>(edge) != 0 && !matches(edge, at)) edge = changetype<Edge>(edge.next)
    if (changetype<usize>(edge) == 0) {
      edge = learnPair(node, at)
      if (changetype<usize>(edge) == 0) return 0
      at = learnedEnd
    } else {
      at += <usize>edge.length
      if (<u32>changetype<usize>(edge) != first) moveToFront(node, edge)
    }
    if ((seen & edge.bits) != 0) return 0
    seen |= edge.bits
    if (edge.target == 0) break
    at = readValue(at, edge, area)
    if (at == 0) return 0
    node = changetype<Node>(edge.target)
  }
  let missing = slotBits & ~seen
  while (missing != 0) {
    const slot = changetype<Slot>(area + <usize>plan.slotsAt + <usize>ctz<u64>(missing) * slotBytes)
    slot.kind = absent
    slot.scale = 0
    slot.mantissa = 0
    missing &= missing - 1
  }
  return at
}

/** Reads the value at `at`. Returns where it ends; 0: for the row path. */
@inline
function readValue(at: usize, edge: Edge, area: usize): usize {
  const offset = <usize>edge.slot
  if (load<u8>(at) == 0x22) return readQuoted(at + 1, offset == 0 ? 0 : area + offset, edge.allowed)
  let end = at
  let high: i32 = 0
  while (true) {
    const bytes = v128.load(end)
    const stops = i8x16.bitmask(i8x16.lt_u(bytes, i8x16.splat(0x21)))
    const some = i8x16.bitmask(bytes)
    if (stops != 0) {
      const count = ctz<i32>(stops)
      high |= some & ((1 << count) - 1)
      end += <usize>count
      break
    }
    high |= some
    end += 16
  }
  if (high != 0 && !isUtf8(at, end)) return 0
  if (offset != 0) setText(changetype<Slot>(area + offset), at, end)
  return end
}

/**
 * @param slot - address of its slot; 0: nobody needs it
 * @param allowed - as in Name
 */
function readQuoted(from: usize, slot: usize, allowed: u32): usize {
  let end = nextStop(from)
  clearEscape()
  if (load<u8>(end) != 0x22) {
    end = unusualStringEnd(end)
    if (end == 0) return 0
  }
  if (load<u8>(end, 1) > 0x20) return 0
  if (slot != 0) {
    const value = changetype<Slot>(slot)
    setText(value, from, end)
    if (hasEscape) {
      if (decode(from, end)) setText(value, decodedAt, decodedAt + <usize>decodedLength)
      else value.kind = escapedText
      if (((allowed >> value.kind) & 1) == 0) return 0
    }
  }
  return end + 1
}

@inline
function setText(slot: Slot, from: usize, to: usize): void {
  slot.kind = text
  slot.start = <u32>from
  slot.length = <u32>(to - from)
  slot.scale = 0
}

/** Parses the step at `from`, and remembers it. Returns 0 when the line has to go to the row path. */
function learnPair(node: Node, from: usize): Edge {
  const none = changetype<Edge>(0)
  let at = from
  while (true) {
    while (load<u8>(at) <= 0x20 && load<u8>(at) != 0x0a) at++
    if (load<u8>(at) == 0x0a) {
      // Blank, or keys without value only.
      if (node == start) return none
      setLearnedEnd(at + 1)
      return remember(node, from, 0, 0)
    }
    const keyAt = at
    while (load<u8>(at) > 0x20 && load<u8>(at) != 0x3d && load<u8>(at) != 0x22) at++
    const keyLength = <u32>(at - keyAt)
    if (keyLength == 0 || load<u8>(at) == 0x22 || !isUtf8(keyAt, at)) return none
    const name = nameOf(0, keyAt, keyLength)
    if (load<u8>(at) != 0x3d) {
      if (name != changetype<Name>(0)) return none
      continue
    }
    setLearnedEnd(at + 1)
    const edge = remember(node, from, nodeOf(0, keyAt, keyLength), name == changetype<Name>(0) ? 0 : name.bits)
    if (name != changetype<Name>(0)) {
      edge.slot = name.slot
      edge.allowed = name.allowed
    }
    return edge
  }
}
