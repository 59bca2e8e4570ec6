/** Bytes that are the same in all usual lines. */
import type {LineCode} from './line-code.ts'

/** A few bytes of a step as a word. */
interface Piece {
  readonly offset: number
  readonly length: number
  /** The first byte is the lowest; 0 behind the last one. */
  readonly low: number
  readonly high: number
}

export interface Step {
  readonly length: number
  readonly pieces: readonly Piece[]
}

/** Cuts a step into words of eight bytes; the last one overlaps the one before it. */
export function stepOf(bytes: Uint8Array): Step {
  const {length} = bytes
  const offsets: number[] = []
  for (let offset = 0; offset + 8 < length; offset += 8) offsets.push(offset)
  if (length > 0) offsets.push(Math.max(0, length - 8))
  const pieces = offsets.map(offset => ({
    ...{offset, length: Math.min(8, length)},
    low: wordOf(bytes, offset),
    high: length > 4 ? wordOf(bytes, offset + 4) : 0,
  }))
  return {length, pieces}
}

function wordOf(bytes: Uint8Array, at: number): number {
  const byte = (index: number): number => bytes[at + index] ?? 0
  return byte(0) | (byte(1) << 8) | (byte(2) << 16) | (byte(3) << 24)
}

/** Compares a step where a lane stands, and moves the lane behind it. */
export function emitStep(line: LineCode, lane: number, {length, pieces}: Step): void {
  const at = line.at(lane)
  for (const piece of pieces) {
    line.code.get(at)
    if (piece.length > 4) emitWide(line, piece)
    else emitNarrow(line, piece)
    line.leaveIf()
  }
  if (length > 0) line.advance(lane, length)
}

/** What stands behind a word that is not full is shifted out. */
function emitWide({code}: LineCode, {offset, length, low, high}: Piece): void {
  const shift = 64 - length * 8
  code.access('i64Load', offset)
  if (shift === 0) code.wide(low, high)
  else
    code
      .wide(shift)
      .do('i64Shl')
      .wide(low << shift, (high << shift) | (low >>> (32 - shift)))
  code.do('i64Ne')
}

function emitNarrow({code}: LineCode, {offset, length, low}: Piece): void {
  const shift = 32 - length * 8
  code.access('i32Load', offset)
  if (shift > 0) code.number(shift).do('i32Shl')
  code.number(low << shift).do('i32Ne')
}
