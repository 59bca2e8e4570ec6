/**
 * The parts of an input as a list that all scanners have, and the place in it, which they share: each takes the next part by itself.
 * Asking the main thread for it takes as long as that is busy: a chunk of its own mostly, and when it writes out its groups a tenth of a second.
 */
import type {ScanPart} from './scan-job.ts'

/** Survives structured cloning. */
export interface SharedParts {
  readonly parts: readonly ScanPart[]
  /** 32-bit words: the next part, then for each scanner whether it takes any. */
  readonly words: SharedArrayBuffer
}

const undecided = 0
const joined = 1
const leftBehind = 2

/** Nothing is taken yet, and no scanner has decided. Scanners count from 0. */
export function shareParts(parts: readonly ScanPart[], scannerCount: number): SharedParts {
  return {parts, words: new SharedArrayBuffer((1 + scannerCount) * Int32Array.BYTES_PER_ELEMENT)}
}

/** A scanner that is ready says so before it takes its first part. Returns false when it came too late, and has nothing to do. */
export function joinIn({words}: SharedParts, scanner: number): boolean {
  return Atomics.compareExchange(new Int32Array(words), 1 + scanner, undecided, joined) === undecided
}

/** Returns true when a scanner has not joined in; now it never will. */
export function leaveBehind({words}: SharedParts, scanner: number): boolean {
  return Atomics.compareExchange(new Int32Array(words), 1 + scanner, undecided, leftBehind) !== joined
}

/** The next part, which is the caller's; undefined when all are taken. */
export function takePart({parts, words}: SharedParts): ScanPart | undefined {
  return parts[Atomics.add(new Int32Array(words), 0, 1)]
}

/** Parts that nobody has taken yet are not read. */
export function takeNoMore({parts, words}: SharedParts): void {
  Atomics.store(new Int32Array(words), 0, parts.length)
}
