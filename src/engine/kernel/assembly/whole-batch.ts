/**
 * Lines that were read into areas, decided a field at a time: what the plan says of a field is looked up once for all of them. Only for
 * plans without conditions and fields to derive, and only when all lines are plain: every key is there, every number fits.
 *
 * Of lines that are all usual (usual.ts) the kinds of most values are known: only whether numbers fit is asked then.
 */
import {fitsScale} from './aggregates'
import {
  areasAt,
  isNull,
  Keyset,
  keysetBytes,
  opLast,
  opMin,
  opStddev,
  opSum,
  Part,
  partBytes,
  Plan,
  Slot,
  slotBytes,
  text,
  Value,
  valueBytes,
} from './layout'
import {hasOrder} from './ordered'

let plan: Plan = changetype<Plan>(0)
let isFor: bool = false
/** Of fields, by their number: those that are a text or a number in every usual line, and those that are a number or absent in every one. */
let present: u64 = 0
let numeric: u64 = 0
/** Usual lines have all keys, and only numbers where numbers have to be. */
let areUsualSound: bool = false

export function openWholeBatches(image: Plan): void {
  plan = image
  isFor = isForBatches()
  areUsualSound = false
}

/** Says what is known of every usual line from now on: a bit for each field, by its number. */
export function noteUsualFields(presentFields: u64, numericFields: u64): void {
  present = presentFields
  numeric = numericFields
  areUsualSound = isFor && isUsualSound()
}

function isUsualSound(): bool {
  for (let place: u32 = 0; place < plan.numberCount; place++) {
    if (!has(numeric, load<u32>(<usize>plan.numbers + (<usize>place << 2)))) return false
  }
  let address = <usize>plan.keysets
  for (let left = plan.keysetCount; left != 0; left--) {
    const keyset = changetype<Keyset>(address)
    for (let part: u32 = 0; part < keyset.partCount; part++) {
      if (!has(present, changetype<Part>(<usize>keyset.parts + <usize>part * partBytes).slot)) return false
    }
    for (let place: u32 = 0; place < keyset.valueCount; place++) {
      const value = changetype<Value>(<usize>keyset.values + <usize>place * valueBytes)
      if (value.op - opSum <= opStddev - opSum ? !has(numeric, value.slot) : value.op - opMin <= opLast - opMin) return false
    }
    address += keysetBytes
  }
  return true
}

/** Whether the field of a slot has its bit. */
@inline
function has(fields: u64, slot: u32): bool {
  const field = (slot - plan.slotsAt) / <u32>slotBytes
  return field < 64 && ((fields >> <u64>field) & 1) != 0
}

/** Whether nothing is asked of lines of this plan but keys and values. */
function isForBatches(): bool {
  if (plan.condition != 0 || plan.partCondition != 0 || plan.derivedCount != 0) return false
  // Tables that count values have hashes of their own.
  if (plan.tableCount != plan.keysetCount) return false
  let address = <usize>plan.keysets
  for (let left = plan.keysetCount; left != 0; left--) {
    if (changetype<Keyset>(address).condition != 0) return false
    address += keysetBytes
  }
  return true
}

/**
 * Whether all lines in the areas first..end-1 add something to every keyset, as they are.
 *
 * @param areUsual - code for usual lines, or their table, has read all of them
 */
export function arePlain(first: u32, end: u32, areUsual: bool): bool {
  if (!isFor) return false
  const stride = <usize>plan.areaBytes
  const from = areasAt + <usize>first * stride
  const to = areasAt + <usize>end * stride
  if (areUsual && areUsualSound) return doUsualFit(from, to, stride)
  let numbers = <usize>plan.numbers
  let odd = false
  for (let left = plan.numberCount; left != 0; left--) {
    odd = odd || hasText(from + <usize>load<u32>(numbers), to, stride)
    numbers += 4
  }
  let address = <usize>plan.keysets
  for (let left = plan.keysetCount; left != 0 && !odd; left--) {
    const keyset = changetype<Keyset>(address)
    odd = lacksKey(keyset, from, to, stride) || hasOddValue(keyset, from, to, stride)
    address += keysetBytes
  }
  return !odd
}

/** Whether the numbers of usual lines can be added as they are. Fields that no such line has add nothing that would not. */
function doUsualFit(from: usize, to: usize, stride: usize): bool {
  let address = <usize>plan.keysets
  let odd: u32 = 0
  for (let left = plan.keysetCount; left != 0; left--) {
    const keyset = changetype<Keyset>(address)
    address += keysetBytes
    for (let place: u32 = 0; place < keyset.valueCount; place++) {
      const value = changetype<Value>(<usize>keyset.values + <usize>place * valueBytes)
      if (value.op - opSum <= opStddev - opSum && has(present, value.slot)) odd |= hasOddNumber(value, from, to, stride)
    }
  }
  return odd == 0
}

/** Whether a number of a column cannot be added as it is. What is no number has a mantissa that fits everywhere. */
@inline
function hasOddNumber(value: Value, from: usize, to: usize, stride: usize): u32 {
  const scale = value.scale
  let found: u32 = 0
  for (let at = from + <usize>value.slot; at < to; at += stride) {
    const slot = changetype<Slot>(at)
    found |= <u32>!fitsScale(slot.mantissa, slot.scale, scale)
  }
  return found
}

/** Of the slots that begin at `from`, a line's each, before `to`. */
function hasText(from: usize, to: usize, stride: usize): bool {
  let found = false
  for (let slot = from; slot < to; slot += stride) found = <bool>(<i32>found | <i32>(changetype<Slot>(slot).kind == text))
  return found
}

function lacksKey(keyset: Keyset, from: usize, to: usize, stride: usize): bool {
  let part = <usize>keyset.parts
  let found: u32 = 0
  for (let left = keyset.partCount; left != 0; left--) {
    for (let slot = from + <usize>changetype<Part>(part).slot; slot < to; slot += stride) {
      found |= <u32>(changetype<Slot>(slot).kind <= isNull)
    }
    part += partBytes
  }
  return found != 0
}

function hasOddValue(keyset: Keyset, from: usize, to: usize, stride: usize): bool {
  let address = <usize>keyset.values
  let found: u32 = 0
  for (let left = keyset.valueCount; left != 0; left--) {
    const value = changetype<Value>(address)
    const op = value.op
    if (op - opSum <= opStddev - opSum) {
      found |= hasOddNumber(value, from, to, stride)
    } else if (op - opMin <= opLast - opMin) {
      for (let at = from + <usize>value.by; at < to; at += stride) found |= <u32>!hasOrder(changetype<Slot>(at))
    }
    address += valueBytes
  }
  return found != 0
}
