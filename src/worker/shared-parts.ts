/**
 * The parts of an input as a list that all scanners have, and the places in it, which they share: each takes the next part by itself.
 * Asking the main thread for it takes as long as that is busy: a chunk of its own mostly, and when it writes out its groups a tenth of a second.
 *
 * Each scanner has a stretch of the list, as long as all others, and helps with others when it is through with its own. What lies close together
 * in logs is alike (hours, days, hosts), so scanners have fewer groups, and fewer of them in common, than if each took the next part of all.
 *
 * Stretches are taken from their beginnings only: the range of CSV before a taken one is taken as well, or the last one of the stretch before,
 * which its scanner comes to. So nobody waits for the end of a range that nobody will read.
 */
import type {ScanPart} from './scan-job.ts'

/** Survives structured cloning. */
export interface SharedParts {
  readonly parts: readonly ScanPart[]
  readonly scannerCount: number
  /** 32-bit words: for each scanner whether it takes any parts, then the next part of each one's stretch. */
  readonly words: SharedArrayBuffer
}

const undecided = 0
const joined = 1
const leftBehind = 2

/** Nothing is taken yet, and no scanner has decided. Scanners count from 0. */
export function shareParts(parts: readonly ScanPart[], scannerCount: number): SharedParts {
  const shared = {parts, scannerCount, words: new SharedArrayBuffer(2 * scannerCount * Int32Array.BYTES_PER_ELEMENT)}
  const next = nextOf(shared)
  for (let stretch = 0; stretch < scannerCount; stretch++) next[stretch] = startOf(shared, stretch)
  return shared
}

/** A scanner that is ready says so before it takes its first part. Returns false when it came too late, and has nothing to do. */
export function joinIn({words}: SharedParts, scanner: number): boolean {
  return Atomics.compareExchange(new Int32Array(words), scanner, undecided, joined) === undecided
}

/** Returns true when a scanner has not joined in; now it never will. */
export function leaveBehind({words}: SharedParts, scanner: number): boolean {
  return Atomics.compareExchange(new Int32Array(words), scanner, undecided, leftBehind) !== joined
}

/** The next part, which is the caller's: of its own stretch, else of the one of which most is left. Undefined when all are taken. */
export function takePart(shared: SharedParts, scanner: number): ScanPart | undefined {
  for (let stretch: number | undefined = scanner; stretch !== undefined; stretch = longestLeft(shared)) {
    const part = Atomics.add(nextOf(shared), stretch, 1)
    // Another one may have taken the last part meanwhile.
    if (part < startOf(shared, stretch + 1)) return shared.parts[part]
  }
  return undefined
}

/** Parts that nobody has taken yet are not read. */
export function takeNoMore(shared: SharedParts): void {
  for (let stretch = 0; stretch < shared.scannerCount; stretch++)
    Atomics.store(nextOf(shared), stretch, startOf(shared, stretch + 1))
}

/** For each stretch the next part of it, or one behind it. */
const nextOf = ({words, scannerCount}: SharedParts): Int32Array =>
  new Int32Array(words, scannerCount * Int32Array.BYTES_PER_ELEMENT)

/** The first part of a stretch; of the one behind the last: how many parts there are. */
const startOf = ({parts, scannerCount}: SharedParts, stretch: number): number =>
  Math.floor((parts.length * stretch) / scannerCount)

function longestLeft(shared: SharedParts): number | undefined {
  const next = nextOf(shared)
  let longest: number | undefined
  let most = 0
  for (let stretch = 0; stretch < shared.scannerCount; stretch++) {
    const left = startOf(shared, stretch + 1) - Atomics.load(next, stretch)
    if (left <= most) continue
    most = left
    longest = stretch
  }
  return longest
}
