/** States of groups: what a pair adds to them. */
import {addCollected} from './collect'
import {addDistinct} from './distinct'
import {
  absent,
  groupBytes,
  isNull,
  Keyset,
  number,
  opAvg,
  opCollect,
  opCount,
  opCountField,
  opDistinct,
  opHistogram,
  opLast,
  opMax,
  opMin,
  opQuantile,
  opStddev,
  opSum,
  Slot,
  text,
  Value,
  valueBytes,
} from './layout'
import {powerOfTen} from './numbers'
import {addEntry, addExtreme, hasOrder, numberOf} from './ordered'
import {addQuantile} from './quantiles'
import {addSquare, canMultiply, multiplyBy, Wide} from './wide'

/** Decimal places of a sum; numbers with more go to the row path. */
const scaleMax: u32 = 9
/**
 * One number may add this much, over the column's scale. 64 lines of a batch are added before a look at the totals can have
 * consequences: they stay within 64 bits.
 */
const addendMax: i64 = 1 << 55
/** The same over 10^0 … 10^9: of numbers that are multiplied by so much. */
const addendsMax = memory.data<i64>([
  addendMax, 3602879701896396, 360287970189639, 36028797018963, 3602879701896, 360287970189, 36028797018, 3602879701, 360287970, 36028797,
])
const totalMax: i64 = 1 << 62
/** Of a bucket of a quantile: it has 32 bits. */
const bucketCountMax: u32 = 1 << 31

/** Set when a total comes near the end of its bits: the groups have to be written out before the next batch. */
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
/** A number is too large or too fine, or a value has no certain place in the order. */
export const refused: u32 = 2

/** What was needed as a number and is text has been read as one. */
@inline
function isNumeric(slot: Slot): bool {
  return slot.kind == number || slot.kind == text
}

/** Whether the numbers of a line can be added to the columns as they are. */
@inline
export function scalesFit(keyset: Keyset, area: usize): u32 {
  let address = <usize>keyset.values
  let result = fits
  for (let count = keyset.valueCount; count != 0; count--) {
    const value = changetype<Value>(address)
    address += valueBytes
    const op = value.op
    if (op - opSum > opStddev - opSum) {
      if (op - opMin <= opLast - opMin && !hasOrder(changetype<Slot>(area + <usize>value.by))) return refused
      continue
    }
    const slot = changetype<Slot>(area + <usize>value.slot)
    if (!isNumeric(slot)) continue
    const places = value.scale - slot.scale
    if (places <= scaleMax) {
      // One way for all scales: which one comes next cannot be foreseen.
      if (abs<i64>(slot.mantissa) > load<i64>(addendsMax + (<usize>places << 3))) return refused
    } else {
      if (slot.scale > scaleMax) return refused
      result = needsScale
    }
  }
  return result
}

/** Whether a number can be added to a sum of this scale as it is. */
@inline
export function fitsScale(mantissa: i64, slotScale: u32, scale: u32): bool {
  const places = scale - slotScale
  return places <= scaleMax && abs<i64>(mantissa) <= load<i64>(addendsMax + (<usize>places << 3))
}

/** Brings the columns to the scales that a line needs. Returns false, and does nothing, when a total would not fit. */
export function raiseScales(keyset: Keyset, area: usize): bool {
  let address = <usize>keyset.values
  for (let count = keyset.valueCount; count != 0; count--) {
    const value = changetype<Value>(address)
    address += valueBytes
    if (value.op - opSum > opStddev - opSum) continue
    const slot = changetype<Slot>(area + <usize>value.slot)
    if (!isNumeric(slot) || slot.scale <= value.scale) continue
    const factor = powerOfTen(slot.scale - value.scale)
    if (!rescale(keyset, value, factor)) return false
    value.scale = slot.scale
  }
  return true
}

function rescale(keyset: Keyset, value: Value, factor: i64): bool {
  const state = <usize>value.state + (value.op == opSum ? 0 : 8)
  const isStddev = value.op == opStddev
  const index = <usize>keyset.index
  for (let place: u32 = 0; place <= keyset.mask; place++) {
    const group = load<u32>(index + (<usize>place << 3), 4)
    if (group == 0) continue
    if (abs<i64>(load<i64>(<usize>group + state)) > totalMax / factor) return false
    if (isStddev && !canMultiply(squaresOf(<usize>group + state), factor * factor)) return false
  }
  for (let place: u32 = 0; place <= keyset.mask; place++) {
    const group = load<u32>(index + (<usize>place << 3), 4)
    if (group == 0) continue
    store<i64>(<usize>group + state, load<i64>(<usize>group + state) * factor)
    if (isStddev) multiplyBy(squaresOf(<usize>group + state), factor * factor)
  }
  return true
}

/** The total of squares stands behind that of the numbers, over its scale twice. */
@inline
export function squaresOf(total: usize): Wide {
  return changetype<Wide>(total + 8)
}

/** Adds a line's values to a group. */
@inline
export function addValues(keyset: Keyset, area: usize, group: usize): void {
  let address = <usize>keyset.values
  for (let count = keyset.valueCount; count != 0; count--) {
    addValue(changetype<Value>(address), area, group)
    address += valueBytes
  }
}

/** A line and its group: addresses of 32 bits. */
export const lineOfGroupBytes: usize = 8

/** Adds the values of lines from..to-1 (a line's area and its group, each) a column at a time: what a column asks for is looked up once. */
export function addColumns(keyset: Keyset, from: usize, to: usize): void {
  let address = <usize>keyset.values
  for (let count = keyset.valueCount; count != 0; count--) {
    const value = changetype<Value>(address)
    address += valueBytes
    const state = <usize>value.state
    if (value.op == opCount) {
      for (let at = from; at < to; at += lineOfGroupBytes) {
        const counter = <usize>load<u32>(at, 4) + state
        store<u64>(counter, load<u64>(counter) + 1)
      }
    } else if (value.op == opSum) {
      const slots = <usize>value.slot
      const scale = value.scale
      for (let at = from; at < to; at += lineOfGroupBytes) {
        const slot = changetype<Slot>(<usize>load<u32>(at) + slots)
        const addend = slot.kind == absent ? <i64>value.absent : slot.mantissa
        addTotal(<usize>load<u32>(at, 4) + state, addend * powerOfTen(scale - slot.scale))
      }
    } else {
      for (let at = from; at < to; at += lineOfGroupBytes) addValue(value, load<u32>(at), load<u32>(at, 4))
    }
  }
}

@inline
function addValue(value: Value, area: usize, group: usize): void {
  const state = group + <usize>value.state
  const op = value.op
  if (op == opCount) {
    store<u64>(state, load<u64>(state) + 1)
    return
  }
  const slot = changetype<Slot>(area + <usize>value.slot)
  const kind = slot.kind
  if (op == opSum) {
    addTotal(state, (kind == absent ? <i64>value.absent : slot.mantissa) * powerOfTen(value.scale - slot.scale))
    return
  }
  if (kind <= isNull) return
  if (op == opCountField) {
    store<u64>(state, load<u64>(state) + 1)
  } else if (op == opAvg) {
    store<u64>(state, load<u64>(state) + 1)
    addTotal(state + 8, slot.mantissa * powerOfTen(value.scale - slot.scale))
  } else if (op == opMin || op == opMax) {
    addExtreme(op, state, slot)
  } else {
    addLarge(value, state, slot, area)
  }
}

/** Adds a value, which is neither absent nor null, to a state of more than two numbers. */
function addLarge(value: Value, state: usize, slot: Slot, area: usize): void {
  const op = value.op
  if (op == opQuantile) {
    if (addQuantile(state, numberOf(slot)) >= bucketCountMax) isFull = true
  } else if (op == opDistinct) {
    addDistinct(state, slot, value.argument)
  } else if (op <= opLast && op != opStddev) {
    addEntry(op, state, slot, changetype<Slot>(area + <usize>value.by))
  } else if (op == opStddev) {
    const addend = slot.mantissa * powerOfTen(value.scale - slot.scale)
    store<u64>(state, load<u64>(state) + 1)
    addTotal(state + 8, addend)
    if (addSquare(squaresOf(state + 8), addend)) isFull = true
  } else if (op == opHistogram) {
    const count = state + (<usize>bucketOf(value, numberOf(slot)) << 3)
    store<u64>(count, load<u64>(count) + 1)
  } else if (op == opCollect) {
    addCollected(state, slot, value.argument)
  }
}

/** The number of bounds of a histogram at or below a number. */
@inline
function bucketOf(value: Value, number: f64): u32 {
  let low: u32 = 0
  let high = value.boundCount
  while (low < high) {
    const middle = (low + high) >> 1
    if (load<f64>(<usize>value.argument + (<usize>middle << 3)) <= number) low = middle + 1
    else high = middle
  }
  return low
}

@inline
function addTotal(state: usize, addend: i64): void {
  const total = load<i64>(state) + addend
  store<i64>(state, total)
  if (<u64>(total + totalMax) > <u64>totalMax << 1) isFull = true
}
