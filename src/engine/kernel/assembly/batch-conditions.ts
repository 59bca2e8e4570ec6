/** Conditions on a batch of records, test by test: what conditions.ts says of one record after the other. */
import {answer, equal, greater, less, unknown, unordered, yes} from './conditions'
import {isSame} from './groups'
import {
  areasAt,
  literalNumber,
  literalText,
  number,
  opAnd,
  opCompare,
  opCompareFields,
  opConstant,
  opNot,
  opOr,
  Slot,
  Test,
  text,
} from './layout'
import {mantissaOf, powerOfTen, scaleOf, shortNumber} from './numbers'

/** Of the last condition: a bit for each record of which only the row path knows. */
export let unclearRecords: u64 = 0

/** From the area of a record to that of the next one. */
let stride: usize = 0

/**
 * Asks a condition about records of a batch.
 *
 * @param address - of the condition
 * @param records - a bit for each of those that are asked about
 * @returns those for which it holds
 */
export function recordsThatMeet(address: usize, records: u64, areaBytes: usize): u64 {
  stride = areaBytes
  unclearRecords = 0
  return metBy(address, records) & ~unclearRecords
}

/** What is said of unclear records means nothing. */
function metBy(address: usize, records: u64): u64 {
  const test = changetype<Test>(address)
  const op = test.op
  if (op == opAnd) return metByAll(test, records)
  if (op == opOr) return metByAny(test, records)
  if (op == opNot) return records & ~metBy(test.first, records)
  if (op == opConstant) return test.operator != 0 ? records : 0
  if (op == opCompare && test.literal == literalNumber) return comparedNumbers(test, records)
  if (op == opCompare && test.isOrder == 0) return comparedTexts(test, records)
  return answered(test, records)
}

function metByAll(test: Test, records: u64): u64 {
  let met = records
  for (let operand = <usize>test.first; operand != 0; operand = changetype<Test>(operand).next) {
    met = metBy(operand, met) & ~unclearRecords
    if (met == 0) break
  }
  return met
}

function metByAny(test: Test, records: u64): u64 {
  let met: u64 = 0
  let rest = records
  for (let operand = <usize>test.first; operand != 0; operand = changetype<Test>(operand).next) {
    met |= metBy(operand, rest)
    rest &= ~(met | unclearRecords)
    if (rest == 0) break
  }
  return met
}

/** Of numbers, and of texts that are short ones: most numbers of CSV are. */
function comparedNumbers(test: Test, records: u64): u64 {
  const slots = areasAt + <usize>test.slot
  const literal = test.number
  const operator = test.operator
  let met: u64 = 0
  let others: u64 = 0
  for (let rest = records; rest != 0; rest &= rest - 1) {
    const place = ctz<u64>(rest)
    const slot = changetype<Slot>(slots + <usize>place * stride)
    let value: f64
    if (slot.kind == number) {
      value = <f64>slot.mantissa / <f64>powerOfTen(slot.scale)
    } else {
      const short = shortNumber(slot.start, slot.length)
      if (slot.kind != text || short < 0) {
        others |= <u64>1 << place
        continue
      }
      value = <f64>mantissaOf(short) / <f64>powerOfTen(scaleOf(short))
    }
    const order = (<u32>(value < literal) * less) | (<u32>(value == literal) * equal) | (<u32>(value > literal) * greater)
    met |= <u64>((operator & order) != 0) << place
  }
  return others == 0 ? met : met | answered(test, others)
}

/** Of texts and a text or boolean, for equality: which of two comes first is not asked. */
function comparedTexts(test: Test, records: u64): u64 {
  const slots = areasAt + <usize>test.slot
  const length = test.textLength
  const isMetByEqual = (test.operator & equal) != 0
  const isMetByOthers = (test.operator & (test.literal == literalText ? less : unordered)) != 0
  let met: u64 = 0
  let others: u64 = 0
  for (let rest = records; rest != 0; rest &= rest - 1) {
    const place = ctz<u64>(rest)
    const slot = changetype<Slot>(slots + <usize>place * stride)
    // Compared whatever its length is, which cannot be foreseen.
    const isEqual = isSame(slot.start, test.textAt, length) & (slot.length == length)
    met |= <u64>(isEqual ? isMetByEqual : isMetByOthers) << place
    others |= <u64>(slot.kind != text) << place
  }
  return others == 0 ? met : (met & ~others) | answered(test, others)
}

/** One record after the other. */
function answered(test: Test, records: u64): u64 {
  let met: u64 = 0
  for (let rest = records; rest != 0; rest &= rest - 1) {
    const place = ctz<u64>(rest)
    const found = answer(changetype<usize>(test), areasAt + <usize>place * stride)
    met |= <u64>(found == yes) << place
    unclearRecords |= <u64>(found == unknown) << place
  }
  return met
}

/** Whether a condition looks at a slot. */
export function isTested(address: usize, slot: u32): bool {
  const test = changetype<Test>(address)
  const op = test.op
  if (op <= opNot) {
    for (let operand = <usize>test.first; operand != 0; operand = changetype<Test>(operand).next) {
      if (isTested(operand, slot)) return true
    }
    return false
  }
  return test.slot == slot || (op == opCompareFields && test.textAt == slot)
}
