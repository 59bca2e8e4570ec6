/**
 * Lines that were read into areas, decided a field at a time: what the plan says of a field is looked up once for all of them. Only for
 * plans without conditions and fields to derive, and only when all lines are plain: every key is there, every number fits.
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
  text,
  Value,
  valueBytes,
} from './layout'
import {hasOrder} from './ordered'

let plan: Plan = changetype<Plan>(0)
let isFor: bool = false

export function openWholeBatches(image: Plan): void {
  plan = image
  isFor = isForBatches()
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

/** Whether all lines in the areas first..end-1 add something to every keyset, as they are. */
export function arePlain(first: u32, end: u32): bool {
  if (!isFor) return false
  const stride = <usize>plan.areaBytes
  const from = areasAt + <usize>first * stride
  const to = areasAt + <usize>end * stride
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
    const scale = value.scale
    if (op - opSum <= opStddev - opSum) {
      // What is no number has a mantissa that fits everywhere.
      for (let at = from + <usize>value.slot; at < to; at += stride) {
        const slot = changetype<Slot>(at)
        found |= <u32>!fitsScale(slot.mantissa, slot.scale, scale)
      }
    } else if (op - opMin <= opLast - opMin) {
      for (let at = from + <usize>value.by; at < to; at += stride) found |= <u32>!hasOrder(changetype<Slot>(at))
    }
    address += valueBytes
  }
  return found != 0
}
