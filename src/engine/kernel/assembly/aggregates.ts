/** States of groups: what a pair adds to them. */
import {
  absent,
  groupBytes,
  isNull,
  Keyset,
  number,
  opAvg,
  opCount,
  opCountField,
  opMax,
  opMin,
  opSum,
  Slot,
  Value,
  valueBytes,
} from './layout'
import {powerOfTen} from './numbers'

/** Decimal places of a sum; numbers with more go to the row path. */
const scaleMax: u32 = 9
/**
 * One number may add this much, over the column's scale. 64 lines of a batch are added before a look at the totals can have
 * consequences: they stay within 64 bits.
 */
const addendMax: i64 = 1 << 55
const totalMax: i64 = 1 << 62

/** Set when a total comes near the end of 64 bits: the groups have to be written out before the next batch. */
export let isFull: bool = false

export function setFull(): void {
  isFull = true
}

export function clearFull(): void {
  isFull = false
}

/** The numbers of a line can be added to the columns as they are. */
export const fits: u32 = 0
/** A column has to be brought to a finer scale first. */
export const needsScale: u32 = 1
/** A number is too large or too fine. */
export const refused: u32 = 2

/** Whether the numbers of a line can be added to the columns as they are. */
@inline
export function scalesFit(keyset: Keyset, area: usize): u32 {
  let address = <usize>keyset.values
  let result = fits
  for (let count = keyset.valueCount; count != 0; count--) {
    const value = changetype<Value>(address)
    address += valueBytes
    if (value.op != opSum && value.op != opAvg) continue
    const slot = changetype<Slot>(area + <usize>value.slot)
    const scale = slot.scale
    if (slot.kind != number || scale == value.scale) continue
    if (scale > value.scale) {
      if (scale > scaleMax) return refused
      result = needsScale
    } else if (abs<i64>(slot.mantissa) > addendMax / powerOfTen(value.scale - scale)) {
      return refused
    }
  }
  return result
}

/** Brings the columns to the scales that a line needs. Returns false, and does nothing, when a total would not fit. */
export function raiseScales(keyset: Keyset, area: usize): bool {
  let address = <usize>keyset.values
  for (let count = keyset.valueCount; count != 0; count--) {
    const value = changetype<Value>(address)
    address += valueBytes
    if (value.op != opSum && value.op != opAvg) continue
    const slot = changetype<Slot>(area + <usize>value.slot)
    if (slot.kind != number || slot.scale <= value.scale) continue
    const factor = powerOfTen(slot.scale - value.scale)
    if (!rescale(keyset, value, factor)) return false
    value.scale = slot.scale
  }
  return true
}

function rescale(keyset: Keyset, value: Value, factor: i64): bool {
  const state = <usize>value.state + (value.op == opAvg ? 8 : 0)
  const index = <usize>keyset.index
  for (let place: u32 = 0; place <= keyset.mask; place++) {
    const group = load<u32>(index + (<usize>place << 3), 4)
    if (group != 0 && abs<i64>(load<i64>(<usize>group + state)) > totalMax / factor) return false
  }
  for (let place: u32 = 0; place <= keyset.mask; place++) {
    const group = load<u32>(index + (<usize>place << 3), 4)
    if (group != 0) store<i64>(<usize>group + state, load<i64>(<usize>group + state) * factor)
  }
  return true
}

/** Adds a line's values to a group. */
@inline
export function addValues(keyset: Keyset, area: usize, group: usize): void {
  let address = <usize>keyset.values
  for (let count = keyset.valueCount; count != 0; count--) {
    const value = changetype<Value>(address)
    address += valueBytes
    const state = group + <usize>value.state
    const op = value.op
    if (op == opCount) {
      store<u64>(state, load<u64>(state) + 1)
      continue
    }
    const slot = changetype<Slot>(area + <usize>value.slot)
    const kind = slot.kind
    if (op == opSum) {
      addTotal(state, (kind == absent ? <i64>value.absent : slot.mantissa) * powerOfTen(value.scale - slot.scale))
      continue
    }
    if (kind <= isNull) continue
    if (op == opCountField) {
      store<u64>(state, load<u64>(state) + 1)
    } else if (op == opAvg) {
      store<u64>(state, load<u64>(state) + 1)
      addTotal(state + 8, slot.mantissa * powerOfTen(value.scale - slot.scale))
    } else {
      addExtreme(op, state, <f64>slot.mantissa / <f64>powerOfTen(slot.scale))
    }
  }
}

@inline
function addTotal(state: usize, addend: i64): void {
  const total = load<i64>(state) + addend
  store<i64>(state, total)
  if (<u64>(total + totalMax) > <u64>totalMax << 1) isFull = true
}

/** State: whether there is a number, and the number. Both operands have at most 15 digits and are exact, so is their order. */
function addExtreme(op: u32, state: usize, candidate: f64): void {
  const isFirst = load<u64>(state) == 0
  const kept = load<f64>(state, 8)
  if (isFirst || (op == opMin ? candidate < kept : candidate > kept)) {
    store<u64>(state, 1)
    store<f64>(state, candidate, 8)
  }
}
