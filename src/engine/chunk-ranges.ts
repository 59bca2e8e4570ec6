/** What values of fields of JSON lines lie between, for the statistics of a chunk. Read by the reader that rules use. */
import {compareText} from '../base/index.ts'
import type {FieldRange, FieldRanges} from '../rules/index.ts'
import {makeReader} from './readers/index.ts'

/** Bytes read between two turns of the event loop: a few milliseconds. */
const sliceBytes = 1 << 20

/** A longer text as an end of a range would make footers long; its field has no range. UTF-16 units. */
const rangeTextMax = 256

/**
 * Reads a whole chunk.
 *
 * @param names - top-level fields
 * @param giveWay - waited for after each slice of bytes
 * @returns ranges of the fields that every record has as a number, or every record as a text; undefined when a line is no record
 */
export async function chunkRanges(
  bytes: Uint8Array,
  names: readonly string[],
  giveWay: () => Promise<unknown>,
): Promise<FieldRanges | undefined> {
  let isClean = true
  const spoil = (): void => {
    isClean = false
  }
  const ends = new Map<string, Ends>(names.map(name => [name, {low: undefined, high: undefined, isOpen: false}]))
  const record = (parts: Readonly<Record<string, unknown>>): void => {
    for (const [name, known] of ends) widen(known, Object.hasOwn(parts, name) ? parts[name] : undefined)
  }
  const reader = makeReader({format: 'json'}, {record, bad: spoil, skipped: spoil}, {isFirst: true})
  for (let start = 0; start < bytes.length && isClean; start += sliceBytes) {
    reader.push(bytes.subarray(start, start + sliceBytes))
    await giveWay()
  }
  if (isClean) reader.end()
  return isClean ? rangesOf(ends) : undefined
}

interface Ends {
  low: number | string | undefined
  high: number | string | undefined
  /** A value came that has no place in an order with the others. */
  isOpen: boolean
}

function widen(ends: Ends, value: unknown): void {
  if (ends.isOpen) return
  const {low, high} = ends
  if (typeof value === 'number' && Number.isFinite(value) && typeof low !== 'string') {
    if (low === undefined || value < low) ends.low = value
    if (high === undefined || value > (high as number)) ends.high = value
  } else if (typeof value === 'string' && typeof low !== 'number') {
    if (low === undefined || compareText(value, low) < 0) ends.low = value
    if (high === undefined || compareText(value, high as string) > 0) ends.high = value
  } else {
    ends.isOpen = true
  }
}

function rangesOf(all: ReadonlyMap<string, Ends>): FieldRanges {
  const ranges = new Map<string, FieldRange>()
  for (const [name, {low: min, high: max, isOpen}] of all) {
    if (isOpen) continue
    if (typeof min === 'number' && typeof max === 'number') ranges.set(name, {type: 'number', min, max})
    if (typeof min === 'string' && typeof max === 'string' && Math.max(min.length, max.length) <= rangeTextMax)
      ranges.set(name, {type: 'text', min, max})
  }
  return ranges
}
