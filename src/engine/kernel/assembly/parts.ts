/** Several parts of one record: one for each element of a list, or for each word of a text. */
import {fits, refused} from './aggregates'
import {absent, escapedText, expandList, isNull, nested, otherNumber, Plan, Slot, text} from './layout'
import {Edge} from './graph'
import {readElement} from './json-line'
import {filtered, partFits} from './line-fits'
import {afterBlanks} from './values'

/** Of the last record: parts that met the rule's conditions, one behind the other. */
export let partCount: u32 = 0

/** There is no room for so many parts. */
export const noRoom: u32 = 4

let plan: Plan = changetype<Plan>(0)
/** The record, and where the next part goes. */
let whole: usize = 0
let area: usize = 0
let room: u32 = 0
/** The worst that came of a part: fits, or a column needs a finer scale. */
let worst: u32 = 0

/** What elements are read by; no step of a line is compared with it. */
const elementEdge = memory.data(112, 16)

/**
 * Makes the parts of the record in `record`, from `first` on.
 *
 * @returns fits or needsScale, with partCount; filtered: there are none; refused; noRoom
 */
export function expand(image: Plan, record: usize, first: usize, most: u32): u32 {
  plan = image
  whole = record
  area = first
  room = most
  partCount = 0
  worst = fits
  const source = changetype<Slot>(record + <usize>plan.expandSource)
  if (source.kind <= isNull) return filtered
  const found = plan.expand == expandList ? expandElements(source) : expandTexts(source)
  if (found != fits) return found
  return partCount == 0 ? filtered : worst
}

/** Where the element of the next part goes: 0 when there is no room. */
@inline
function nextElement(): usize {
  if (partCount == room) return 0
  memory.copy(area, whole, plan.areaBytes)
  return area + <usize>plan.expandTarget
}

/** The part is complete: keeps it when it meets the conditions. Returns fits or refused. */
function keepPart(): u32 {
  const fit = partFits(area)
  if (fit == refused) return refused
  if (fit == filtered) return fits
  worst = max(worst, fit)
  partCount++
  area += <usize>plan.areaBytes
  return fits
}

function isAllowed(slot: Slot): bool {
  return ((plan.expandAllowed >> slot.kind) & 1) != 0
}

function expandElements(source: Slot): u32 {
  if (source.kind != nested || load<u8>(source.start) != 0x5b) return expandOne(source)
  const edge = changetype<Edge>(elementEdge)
  edge.slot = plan.expandTarget
  edge.allowed = plan.expandAllowed
  let at = afterBlanks(<usize>source.start + 1)
  if (load<u8>(at) == 0x5d) return fits
  while (true) {
    if (nextElement() == 0) return noRoom
    // The list is well formed; what cannot be read here is not for the kernel.
    const end = readElement(at, edge, area)
    if (end == 0 || keepPart() == refused) return refused
    at = afterBlanks(end)
    if (load<u8>(at) == 0x5d) return fits
    at = afterBlanks(at + 1)
  }
}

/** What is no list counts as its own only element. */
function expandOne(source: Slot): u32 {
  const element = nextElement()
  if (element == 0) return noRoom
  memory.copy(element, changetype<usize>(source), offsetof<Slot>())
  return isAllowed(source) ? keepPart() : refused
}

/** ASCII letters and digits make words; with anything beyond ASCII the row path knows. */
function expandTexts(source: Slot): u32 {
  if (source.kind == otherNumber || source.kind == nested || source.kind == escapedText) return refused
  let at = <usize>source.start
  const end = at + <usize>source.length
  while (true) {
    while (at < end && !isWordByte(load<u8>(at))) {
      if (load<u8>(at) >= 0x80) return refused
      at++
    }
    if (at == end) return fits
    const from = at
    while (at < end && isWordByte(load<u8>(at))) at++
    if (at < end && load<u8>(at) >= 0x80) return refused
    const place = nextElement()
    if (place == 0) return noRoom
    const element = changetype<Slot>(place)
    element.kind = text
    element.start = <u32>from
    element.length = <u32>(at - from)
    element.scale = 0
    element.mantissa = 0
    if (!isAllowed(element) || keepPart() == refused) return refused
  }
}

@inline
function isWordByte(byte: u32): bool {
  return byte - 0x30 < 10 || (byte | 0x20) - 0x61 < 26
}
