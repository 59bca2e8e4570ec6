/**
 * A plain CSV file in ranges, each read by whichever scanner is free: where the first record of a range begins.
 *
 * Mostly the bytes around the place tell. Where they do not, the range waits for the one before it, which knows where it ended. Ranges
 * are handed out in order, so the one before is read already, or will be without waiting for this one.
 */
import {closeSync, openSync, readSync} from 'node:fs'
import {firstRecordStart, makeCutter, namesOfFirstRecord, openCellBytesMax} from '../engine/index.ts'
import type {FormatNode} from '../rules/index.ts'
import {csvNamesBytesMax, csvNamesBytesMin, lookBehindBytes, rangeTailBytes, rangeWaitMs} from './limits.ts'
import {unreadable} from './unreadable.ts'

export type CsvFormat = FormatNode & {readonly format: 'csv'}

/** Its ranges are not cut at line ends alone. */
export function isCsv(format: FormatNode): format is CsvFormat {
  return format.format === 'csv'
}

/** Shared by the scanners of one file: where each of its ranges ended, as 64-bit places in the file; 0: not known yet. */
export type RangeEnds = SharedArrayBuffer

/** No end is known yet. */
export function makeRangeEnds(rangeCount: number): RangeEnds {
  return new SharedArrayBuffer(rangeCount * BigInt64Array.BYTES_PER_ELEMENT)
}

/** Wakes whoever waits for it. @param at - bytes from the start of the file, more than 0: that is what is not known */
export function tellEnd(ends: RangeEnds, range: number, at: number): void {
  const places = new BigInt64Array(ends)
  Atomics.store(places, range, BigInt(at))
  Atomics.notify(places, range)
}

/**
 * Waits until a range's end is known.
 *
 * @param checkStop - throws when waiting is of no use any more
 */
export async function endOf(ends: RangeEnds, range: number, checkStop: () => void): Promise<number> {
  const places = new BigInt64Array(ends)
  for (;;) {
    const at = Atomics.load(places, range)
    if (at !== 0n) return Number(at)
    checkStop()
    const wait = Atomics.waitAsync(places, range, 0n, rangeWaitMs)
    if (wait.async) await wait.value
  }
}

/** Bytes before a place that are looked at: as many as an open quote may go without its closing one, and some records. */
const behindBytesMax = openCellBytesMax + lookBehindBytes

/** Room for the bytes around a place, for `recordStartNear`: new memory for each range would cost more than the look. */
export function makeStartWindow(): Uint8Array {
  return new Uint8Array(behindBytesMax + rangeTailBytes)
}

/**
 * The first record that begins at `from` or later, by the bytes around it.
 *
 * @param window - of makeStartWindow
 * @param readAt - reads at a place of the file, until the bytes are full or the file ends; returns how many
 * @returns undefined when they do not tell
 */
export function recordStartNear(
  from: number,
  delimiter: string,
  window: Uint8Array,
  readAt: (into: Uint8Array, position: number) => number,
): number | undefined {
  const end = behindBytesMax + readAt(window.subarray(behindBytesMax), from)
  // Quotes tell at once, the last one in front of the place best; how far away it is cannot be known.
  for (let seen = 0, wanted = lookBehindBytes; seen < Math.min(from, behindBytesMax); wanted *= 2) {
    const before = Math.min(wanted, from, behindBytesMax)
    const count = readAt(window.subarray(behindBytesMax - before, behindBytesMax - seen), from - before)
    // The file became shorter: whoever reads the range says so.
    if (count < before - seen) return undefined
    seen = before
    const start = firstRecordStart(window.subarray(behindBytesMax - before, end), before, delimiter)
    if (start !== undefined) return from - before + start
  }
  return undefined
}

/**
 * The names that the first record of a file gives to all ranges but the first, which finds them by itself.
 *
 * @returns null when the file's beginning does not tell; then it cannot be read in ranges
 */
export function namesOfFile(path: string, name: string, format: CsvFormat): readonly string[] | null {
  if (Array.isArray(format.fields)) return format.fields
  // Following a quarter of a megabyte by code that runs for the first time takes longer than a range; most names stand in the first bytes.
  for (let bytes = csvNamesBytesMin; bytes <= csvNamesBytesMax; bytes *= 8) {
    const names = namesOfHead(headOf(path, name, bytes), format)
    if (names !== null) return names
  }
  return null
}

function namesOfHead(head: Uint8Array, format: CsvFormat): readonly string[] | null {
  const cut = makeCutter(format).push(head)
  return cut < 0 ? null : namesOfFirstRecord(head.subarray(0, cut), format)
}

function headOf(path: string, name: string, bytes: number): Uint8Array {
  const head = new Uint8Array(bytes)
  try {
    const file = openSync(path, 'r')
    try {
      return head.subarray(0, readSync(file, head))
    } finally {
      closeSync(file)
    }
  } catch (error) {
    throw unreadable(name, error)
  }
}
