/**
 * The order of records by (label, key bytes, arrival).
 *
 * Keys are read eight bytes at a time, behind what all keys of a stretch share, and the stretch is sorted by them as two
 * numbers: a radix sort where there are many, a merge sort where there are few. Stretches of keys that are equal so far go on
 * with their next bytes. Labels come last, in one stable pass. Keys are looked at where they lie, so what counts is how often:
 * first in the order of arrival, which memory likes, later on only those that are equal so far.
 *
 * Measured and dropped: 32 bits of key and the place in a double's 53, sorted by the engine: four times as slow.
 */

export interface RecordColumns {
  readonly bytes: Buffer
  /** Where each key begins and ends in `bytes`. */
  readonly keyStarts: Uint32Array
  readonly keyEnds: Uint32Array
  readonly labels: Uint32Array
  readonly count: number
}

/** Records that are sorted by comparing whole keys. */
const insertionCount = 12
/** Records from which a radix sort pays for its tables. */
const radixCountMin = 3000
/** Bits of a digit: so many counters stay in the processor's first cache. */
const digitBits = 11
const digitCount = 1 << digitBits

/** @param isByKey - false: by label and arrival only */
export function sortOrder(records: RecordColumns, isByKey: boolean): Uint32Array {
  const {count} = records
  const order = new Uint32Array(count)
  for (let index = 0; index < count; index++) order[index] = index
  if (isByKey && count > 1) new KeySorter(records, order).sort(0, count, 0)
  return isOneLabel(records) ? order : orderByLabel(order, records.labels)
}

function isOneLabel({labels, count}: Pick<RecordColumns, 'labels' | 'count'>): boolean {
  for (let index = 1; index < count; index++) if (labels[index] !== labels[0]) return false
  return true
}

/** Labels up to which each gets a counter. */
const countedLabelMax = 1 << 20

/** Stable: records of one label stay in order. */
function orderByLabel(order: Uint32Array, labels: Uint32Array): Uint32Array {
  const count = order.length
  let highest = 0
  for (let index = 0; index < count; index++) highest = Math.max(highest, labels[index]!)
  if (highest > countedLabelMax) return order.sort((a, b) => labels[a]! - labels[b]!)
  const next = new Uint32Array(highest + 2)
  for (let index = 0; index < count; index++) next[labels[index]! + 1]!++
  for (let label = 1; label < next.length; label++) next[label]! += next[label - 1]!
  const ordered = new Uint32Array(count)
  for (let index = 0; index < count; index++) {
    const record = order[index]!
    ordered[next[labels[record]!]!++] = record
  }
  return ordered
}

class KeySorter {
  readonly #bytes: Buffer
  readonly #view: DataView
  readonly #keyStarts: Uint32Array
  readonly #keyEnds: Uint32Array
  /** The three columns of what is sorted: records, and the eight bytes of their keys that count now. */
  #order: Uint32Array
  #high: Uint32Array
  #low: Uint32Array
  readonly #otherOrder: Uint32Array
  readonly #otherHigh: Uint32Array
  readonly #otherLow: Uint32Array
  readonly #counters = new Uint32Array(6 * digitCount)

  constructor({bytes, keyStarts, keyEnds, count}: RecordColumns, order: Uint32Array) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    this.#keyStarts = keyStarts
    this.#keyEnds = keyEnds
    this.#order = order
    this.#high = new Uint32Array(count)
    this.#low = new Uint32Array(count)
    this.#otherOrder = new Uint32Array(count)
    this.#otherHigh = new Uint32Array(count)
    this.#otherLow = new Uint32Array(count)
  }

  /** Sorts a stretch of the order, whose keys are equal up to `depth`, zeros counted behind their ends. */
  sort(from: number, to: number, depth: number): void {
    if (to - from <= insertionCount) {
      // Comparing whole keys settles lengths by itself.
      this.#insertionSort(from, to, depth)
      return
    }
    const start = this.#settleEnded(from, to, depth)
    if (to - start <= 1) return
    const shared = this.#sharedLength(start, to, depth)
    this.#readPrefixes(start, to, shared)
    if (to - start >= radixCountMin) this.#radixSort(start, to)
    else this.#mergeSort(start, to)
    const [high, low] = [this.#high, this.#low]
    for (let runStart = start; runStart < to; ) {
      const runHigh = high[runStart]
      const runLow = low[runStart]
      let runEnd = runStart + 1
      while (runEnd < to && high[runEnd] === runHigh && low[runEnd] === runLow) runEnd++
      if (runEnd - runStart > 1) this.sort(runStart, runEnd, shared + 8)
      runStart = runEnd
    }
  }

  /** Eight bytes of each key, the first one highest; zeros behind its end. */
  #readPrefixes(from: number, to: number, depth: number): void {
    const view = this.#view
    const length = view.byteLength
    const [order, high, low] = [this.#order, this.#high, this.#low]
    const [keyStarts, keyEnds] = [this.#keyStarts, this.#keyEnds]
    for (let index = from; index < to; index++) {
      const record = order[index]!
      const at = keyStarts[record]! + depth
      const left = keyEnds[record]! - at
      if (left >= 8) {
        high[index] = view.getUint32(at)
        low[index] = view.getUint32(at + 4)
      } else if (at + 8 <= length) {
        const first = view.getUint32(at)
        high[index] = left >= 4 ? first : left <= 0 ? 0 : first & (-1 << (32 - 8 * left))
        low[index] = left <= 4 ? 0 : view.getUint32(at + 4) & (-1 << (64 - 8 * left))
      } else {
        high[index] = this.#lastWord(at, left)
        low[index] = this.#lastWord(at + 4, left - 4)
      }
    }
  }

  #lastWord(at: number, count: number): number {
    let word = 0
    for (let index = 0; index < 4; index++) word = (word << 8) | (index < count ? this.#bytes[at + index]! : 0)
    return word
  }

  /** By digits from the lowest to the highest, stable; a digit that all share costs nothing. */
  #radixSort(from: number, to: number): void {
    const counters = this.#counters.fill(0)
    const [high, low] = [this.#high, this.#low]
    for (let index = from; index < to; index++) {
      const lowWord = low[index]!
      const highWord = high[index]!
      counters[lowWord & 0x7ff]!++
      counters[0x800 + ((lowWord >>> 11) & 0x7ff)]!++
      counters[0x1000 + (lowWord >>> 22)]!++
      counters[0x1800 + (highWord & 0x7ff)]!++
      counters[0x2000 + ((highWord >>> 11) & 0x7ff)]!++
      counters[0x2800 + (highWord >>> 22)]!++
    }
    let source = [this.#order, this.#high, this.#low] as const
    let target = [this.#otherOrder, this.#otherHigh, this.#otherLow] as const
    for (let digit = 0; digit < 6; digit++) {
      const counts = counters.subarray(digit * digitCount, (digit + 1) * digitCount)
      const word = source[digit < 3 ? 2 : 1]
      const shift = (digit % 3) * digitBits
      if (counts[(word[from]! >>> shift) & 0x7ff] === to - from) continue
      let sum = from
      for (let value = 0; value < digitCount; value++) {
        const count = counts[value]!
        counts[value] = sum
        sum += count
      }
      moveByDigit(word, shift, counts, source, target, from, to)
      ;[source, target] = [target, source]
    }
    if (source[0] === this.#order) return
    for (const [column, moved] of [
      [this.#order, source[0]],
      [this.#high, source[1]],
      [this.#low, source[2]],
    ] as const)
      column.set(moved.subarray(from, to), from)
  }

  /** Stable: stretches of twelve by insertion, then twice as long ones by merging neighbours. */
  #mergeSort(from: number, to: number): void {
    for (let start = from; start < to; start += insertionCount)
      this.#insertByPrefix(start, Math.min(to, start + insertionCount))
    let source: Columns = [this.#order, this.#high, this.#low]
    let target: Columns = [this.#otherOrder, this.#otherHigh, this.#otherLow]
    for (let width = insertionCount; width < to - from; width *= 2) {
      for (let start = from; start < to; start += 2 * width)
        mergeNeighbours(source, target, start, Math.min(to, start + width), Math.min(to, start + 2 * width))
      ;[source, target] = [target, source]
    }
    if (source[0] === this.#order) return
    for (let index = from; index < to; index++) {
      this.#order[index] = source[0][index]!
      this.#high[index] = source[1][index]!
      this.#low[index] = source[2][index]!
    }
  }

  #insertByPrefix(from: number, to: number): void {
    const [order, high, low] = [this.#order, this.#high, this.#low]
    for (let index = from + 1; index < to; index++) {
      const record = order[index]!
      const highWord = high[index]!
      const lowWord = low[index]!
      let place = index
      for (; place > from; place--) {
        const before = high[place - 1]!
        if (before < highWord || (before === highWord && low[place - 1]! <= lowWord)) break
        order[place] = order[place - 1]!
        high[place] = before
        low[place] = low[place - 1]!
      }
      order[place] = record
      high[place] = highWord
      low[place] = lowWord
    }
  }

  /**
   * Of keys that are equal up to `depth`, zeros counted behind their ends: brings those that end there to the front, the
   * shorter ones first.
   *
   * @returns where the longer ones begin
   */
  #settleEnded(from: number, to: number, depth: number): number {
    const order = this.#order
    const lengthOf = (record: number): number => this.#keyEnds[record]! - this.#keyStarts[record]!
    let ended = 0
    for (let index = from; index < to; index++) if (lengthOf(order[index]!) <= depth) ended++
    if (ended === 0) return from
    const stretch = Array.from(order.subarray(from, to))
    const isEnded = (record: number): boolean => lengthOf(record) <= depth
    const short = stretch.filter(isEnded)
    if (short.some(record => lengthOf(record) !== lengthOf(short[0]!)))
      short.sort((a, b) => lengthOf(a) - lengthOf(b) || a - b)
    order.set(short, from)
    if (ended < to - from)
      order.set(
        stretch.filter(record => !isEnded(record)),
        from + ended,
      )
    return from + ended
  }

  /** How many first bytes all keys of a stretch share, of which `known` are known to be. */
  #sharedLength(from: number, to: number, known: number): number {
    const bytes = this.#bytes
    const first = this.#order[from]!
    const firstStart = this.#keyStarts[first]!
    let shared = this.#keyEnds[first]! - firstStart
    for (let index = from + 1; index < to && shared > known; index++) {
      const record = this.#order[index]!
      const start = this.#keyStarts[record]!
      const limit = Math.min(shared, this.#keyEnds[record]! - start)
      let at = known
      while (at < limit && bytes[start + at] === bytes[firstStart + at]) at++
      shared = at
    }
    return shared
  }

  #compare(a: number, b: number, depth: number): number {
    const aStart = this.#keyStarts[a]!
    const bStart = this.#keyStarts[b]!
    return (
      compareBytes(this.#bytes, aStart + depth, this.#keyEnds[a]!, this.#bytes, bStart + depth, this.#keyEnds[b]!) ||
      a - b
    )
  }

  #insertionSort(from: number, to: number, depth: number): void {
    const order = this.#order
    for (let index = from + 1; index < to; index++) {
      const record = order[index]!
      let place = index
      while (place > from && this.#compare(record, order[place - 1]!, depth) < 0) {
        order[place] = order[place - 1]!
        place--
      }
      order[place] = record
    }
  }
}

/** Records, and the high and low words that they are sorted by. */
type Columns = readonly [order: Uint32Array, high: Uint32Array, low: Uint32Array]

/** @param word - the column of `source` that has the digit; @param next - where the next record of each digit goes */
function moveByDigit(
  word: Uint32Array,
  shift: number,
  next: Uint32Array,
  [order, high, low]: Columns,
  [toOrder, toHigh, toLow]: Columns,
  from: number,
  to: number,
): void {
  for (let index = from; index < to; index++) {
    const digit = (word[index]! >>> shift) & 0x7ff
    const place = next[digit]!
    next[digit] = place + 1
    toOrder[place] = order[index]!
    toHigh[place] = high[index]!
    toLow[place] = low[index]!
  }
}

function mergeNeighbours(
  [order, high, low]: Columns,
  [toOrder, toHigh, toLow]: Columns,
  from: number,
  middle: number,
  to: number,
): void {
  let left = from
  let right = middle
  for (let place = from; place < to; place++) {
    let isRight = left === middle
    if (!isRight && right < to) {
      const [leftHigh, rightHigh] = [high[left]!, high[right]!]
      isRight = rightHigh < leftHigh || (rightHigh === leftHigh && low[right]! < low[left]!)
    }
    const index = isRight ? right++ : left++
    toOrder[place] = order[index]!
    toHigh[place] = high[index]!
    toLow[place] = low[index]!
  }
}

/** Bytes compared one by one before the native comparison, whose call costs more, takes over. */
const shortCompareBytes = 24

/** Byte order of two stretches: <0, 0 or >0. */
export function compareBytes(a: Buffer, aStart: number, aEnd: number, b: Buffer, bStart: number, bEnd: number): number {
  const length = Math.min(aEnd - aStart, bEnd - bStart)
  const near = Math.min(length, shortCompareBytes)
  for (let index = 0; index < near; index++) {
    const difference = a[aStart + index]! - b[bStart + index]!
    if (difference !== 0) return difference
  }
  if (near === length) return aEnd - aStart - (bEnd - bStart)
  return a.compare(b, bStart + near, bEnd, aStart + near, aEnd)
}
