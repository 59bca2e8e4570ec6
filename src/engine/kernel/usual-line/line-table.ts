/** The table by which the kernel reads long usual lines: entries as in assembly/usual-table.ts. */
import type {UsualLine, UsualValue} from './usual-line.ts'

const stepBytesMax = 16
const places = {mask: 16, length: 32, kind: 36, slot: 40, allowed: 44} as const
export const entryBytes = 48

const kinds = {
  nothing: 0,
  shortText: 1,
  longText: 2,
  integer: 3,
  decimal: 4,
  mixedText: 5,
  any: 6,
  neededText: 7,
  neededNumber: 8,
  neededAny: 9,
  absentField: 10,
  literal: 11,
} as const

interface Entry {
  readonly step: Uint8Array
  readonly kind: number
  readonly slot?: number
  readonly allowed?: number
}

/** @returns its entries one behind the other */
export function lineTable({values, end, absent}: UsualLine): Uint8Array {
  const entries = [
    ...values.flatMap(value =>
      entriesOf({step: value.step, kind: kindOf(value), slot: value.slot, allowed: value.allowed}),
    ),
    ...absent.map(slot => ({step: new Uint8Array(0), kind: kinds.absentField, slot})),
    ...entriesOf({step: end, kind: kinds.nothing}),
  ]
  const table = Buffer.alloc(entries.length * entryBytes)
  for (const [index, entry] of entries.entries()) writeEntry(table.subarray(index * entryBytes), entry)
  return table
}

/** A step that is longer than one entry holds takes several. */
function entriesOf(entry: Entry): readonly Entry[] {
  const {step} = entry
  if (step.length <= stepBytesMax) return [entry]
  return [
    {step: step.subarray(0, stepBytesMax), kind: kinds.nothing},
    ...entriesOf({...entry, step: step.subarray(stepBytesMax)}),
  ]
}

function writeEntry(into: Buffer, {step, kind, slot = 0, allowed = 0}: Entry): void {
  into.set(step)
  into.fill(0xff, places.mask, places.mask + step.length)
  into.writeUInt32LE(step.length, places.length)
  into.writeUInt32LE(kind, places.kind)
  into.writeUInt32LE(slot, places.slot)
  into.writeUInt32LE(allowed, places.allowed)
}

/** Of a text, with the quote behind it. */
const shortBytesMax = 16

function kindOf({kind, slot, bytesMost, isMixed, hasPoints}: UsualValue): number {
  switch (kind) {
    case 'text':
      if (slot !== 0) return kinds.neededText
      return isMixed ? kinds.mixedText : bytesMost < shortBytesMax ? kinds.shortText : kinds.longText
    case 'number':
      if (slot !== 0) return kinds.neededNumber
      return isMixed || bytesMost > shortBytesMax ? kinds.any : hasPoints ? kinds.decimal : kinds.integer
    case 'literal':
      return slot === 0 ? kinds.literal : kinds.neededAny
    default:
      return slot === 0 ? kinds.any : kinds.neededAny
  }
}
