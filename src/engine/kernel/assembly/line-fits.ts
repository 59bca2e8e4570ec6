/** Whether a line is for the groups: derived fields, conditions, numbers and scales. */
import {fits, needsScale, raiseScales, refused, scalesFit} from './aggregates'
import {leaveCells} from './cells'
import {answer, no, unknown, yes} from './conditions'
import {derive} from './derived'
import {Derived, derivedBytes, Keyset, keysetBytes, Pair, Plan, planAt, Slot, text} from './layout'
import {readNumericText} from './numbers'

const plan = changetype<Plan>(planAt)

/** From lineFits: the rule's condition does not hold. */
export const filtered: u32 = 3

/** Asks the conditions, of the rule and then of the keysets, and whether the numbers of the line fit the columns. */
@inline
export function lineFits(area: usize): u32 {
  const fit = wholeFits(area)
  return fit == fits ? partFits(area) : fit
}

/** Asks the condition of the rule that comes before there are several parts. */
@inline
export function wholeFits(area: usize): u32 {
  if (!deriveFields(0, plan.earlyCount, area)) return refused
  return holds(plan.condition, area)
}

/** fits, filtered or refused. */
@inline
function holds(condition: usize, area: usize): u32 {
  if (condition == 0) return fits
  const found = answer(condition, area)
  return found == yes ? fits : found == no ? filtered : refused
}

/** The rest, for each part. */
@inline
export function partFits(area: usize): u32 {
  if (!deriveFields(plan.earlyCount, plan.derivedCount, area) || !readNumbers(area)) return refused
  const fit = holds(plan.partCondition, area)
  if (fit != fits) return fit
  let address = <usize>plan.keysets
  let result = fits
  for (let count = plan.keysetCount; count != 0; count--) {
    const keyset = changetype<Keyset>(address)
    address += keysetBytes
    if (keyset.condition != 0) {
      const found = answer(keyset.condition, area)
      if (found == unknown) return refused
      changetype<Pair>(area + <usize>keyset.pair).isPresent = found
      if (found == no) continue
    }
    result = max(result, scalesFit(keyset, area))
  }
  return result
}

@inline
function deriveFields(from: u32, to: u32, area: usize): bool {
  for (let index = from; index < to; index++) {
    if (!derive(changetype<Derived>(<usize>plan.derived + <usize>index * derivedBytes), area)) return false
  }
  return true
}

/** Text that stands where numbers are added up has to be one. */
@inline
function readNumbers(area: usize): bool {
  let address = <usize>plan.numbers
  for (let count = plan.numberCount; count != 0; count--) {
    const slot = changetype<Slot>(area + <usize>load<u32>(address))
    if (slot.kind == text && !readNumericText(slot)) return false
    address += 4
  }
  return true
}

export function raiseLine(area: usize): bool {
  let address = <usize>plan.keysets
  for (let count = plan.keysetCount; count != 0; count--) {
    const keyset = changetype<Keyset>(address)
    address += keysetBytes
    if (keyset.cells != 0 && scalesFit(keyset, area) == needsScale) leaveCells(keyset)
    if (!raiseScales(keyset, area)) return false
  }
  return true
}
