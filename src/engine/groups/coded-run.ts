/**
 * A run whose keys are numbers: the texts of each key part stand in it once, in their order, and an entry for each group says which of them
 * its key has. Entries are in key order, have one length, and stay in memory: what they hold is written and read without being looked at.
 */

/** The texts of a key part. */
export interface CodedPart {
  readonly count: number
  /** Records of keys without states, in their order; such a key is a part's bytes with its closing one. */
  readonly texts: Uint8Array
  /** Where each key begins in `texts`. */
  readonly starts: Uint32Array
  /** Where the place of a key's text, counted from 0, stands in an entry's places: bits shift..shift+bits-1. The first part's are the highest. */
  readonly shift: number
  readonly bits: number
}

/** What an entry holds of a column: a count of 32 bits; a total over 10^scale, of 64; or both. */
export interface CodedValue {
  readonly operation: 'count' | 'sum' | 'avg'
  readonly scale: number
}

interface CodedEntries {
  readonly parts: readonly CodedPart[]
  readonly count: number
  readonly entryBytes: number
  /** Each begins with its places. */
  readonly entries: Uint8Array
}

/** Places have 32 bits; behind them come the values. */
export interface NumbersRun extends CodedEntries {
  readonly kind: 'numbers'
  readonly values: readonly CodedValue[]
  /** No count has more bits, and no total's size. */
  readonly countBits: number
  readonly totalBits: number
}

/** Places have 64 bits, of which `placeBitsMax` are used; behind them stand beginning and length, 32 bits each, of the group's states in `states`, as a record has them. */
export interface StatesRun extends CodedEntries {
  readonly kind: 'states'
  readonly states: Uint8Array
}

/** Survives structured cloning. */
export type CodedRun = NumbersRun | StatesRun

export const placeBitsMax = 52
export const statesEntryBytes = 16

/** Bytes of an entry of such values. */
export function numbersEntryBytes(values: readonly Pick<CodedValue, 'operation'>[]): number {
  return 4 + values.reduce((bytes, {operation}) => bytes + {count: 4, sum: 8, avg: 12}[operation], 0)
}

/** Bytes that a coded run takes. */
export function codedBytesOf(run: CodedRun): number {
  const ofTexts = run.parts.reduce((bytes, {texts, starts}) => bytes + texts.byteLength + starts.byteLength, 0)
  return ofTexts + run.entries.byteLength + (run.kind === 'states' ? run.states.byteLength : 0)
}

/** The places of entry `index` as one number. */
export function placesAt({kind, entries, entryBytes}: CodedRun, index: number): number {
  const at = index * entryBytes
  return kind === 'numbers' ? wordAt(entries, at) : wordAt(entries, at) + wordAt(entries, at + 4) * 2 ** 32
}

function wordAt(bytes: Uint8Array, at: number): number {
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0
}

/** Where the keys of a part end in its texts. */
export function endsOf({texts, starts}: CodedPart): Uint32Array {
  return starts.map(start => texts.indexOf(0, start) + 1)
}

/** Which text of a part the places say. */
export function placeOf(places: number, {shift, bits}: CodedPart): number {
  // Most are of 32 bits, of which the engine has operators.
  if (places <= 0xffffffff && shift < 32) return bits === 0 ? 0 : (places >>> shift) & (0xffffffff >>> (32 - bits))
  return Math.floor(places / 2 ** shift) % 2 ** bits
}

/** A text of a part, with its closing byte. A view. */
export function textAt({texts, starts}: CodedPart, place: number): Uint8Array {
  const start = starts[place]!
  return texts.subarray(start, texts.indexOf(0, start) + 1)
}

/** The parts of the key of entry `index`, each with its closing byte. */
export function keyPartsAt(run: CodedRun, index: number): readonly Uint8Array[] {
  const places = placesAt(run, index)
  return run.parts.map(part => textAt(part, placeOf(places, part)))
}

/** How many entries come before a key, given by its parts. */
export function entriesBefore(run: CodedRun, key: readonly Uint8Array[]): number {
  let wanted = 0
  for (const [index, part] of run.parts.entries()) {
    const text = key[index]!
    const place = countBefore(part.count, at => Buffer.compare(textAt(part, at), text) < 0)
    // One place too many is right as well: it is carried into the part before.
    wanted += place * 2 ** part.shift
    if (place === part.count || Buffer.compare(textAt(part, place), text) !== 0) break
  }
  return countBefore(run.count, at => placesAt(run, at) < wanted)
}

/** How many of `count` hold; those that do come first. */
function countBefore(count: number, holds: (index: number) => boolean): number {
  let low = 0
  let high = count
  while (low < high) {
    const middle = (low + high) >>> 1
    if (holds(middle)) low = middle + 1
    else high = middle
  }
  return low
}
