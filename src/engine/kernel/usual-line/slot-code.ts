/** Stores into the slot of a field. */
import {kinds} from '../kinds.ts'
import type {LineCode} from './line-code.ts'

/** Of Slot in assembly/layout.ts. */
export const slotPlaces = {kind: 0, start: 4, length: 8, scale: 12, mantissa: 16} as const

interface KindAndStart {
  readonly lane: number
  readonly slot: number
  readonly kind: number
  /** Local. */
  readonly start: number
}

/** Both by one store. */
export function emitKindAndStart(line: LineCode, {lane, slot, kind, start}: KindAndStart): void {
  line.area()
  line.code.get(start).do('i64ExtendI32U').wide(32).do('i64Shl').wide(kind).do('i64Or')
  line.code.access('i64Store', line.slotOffset(lane, slot) + slotPlaces.kind)
}

/** A field that the line has not: `setSimple` of assembly/json-line.ts. */
export function emitAbsent(line: LineCode, lane: number, slot: number): void {
  const {code} = line
  const at = line.slotOffset(lane, slot)
  line.area()
  code.number(kinds.absent).access('i32Store', at)
  line.area()
  code.number(0).access('i32Store', at + slotPlaces.scale)
  line.area()
  code.wide(0).access('i64Store', at + slotPlaces.mantissa)
}
