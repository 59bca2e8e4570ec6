/**
 * The order of records by (label, key bytes, arrival): four bytes of the key at a time, as numbers that the engine sorts
 * natively, then the runs of equal ones by their next four bytes. The number of the record is part of what is sorted, so
 * equal keys stay in order.
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
/** 32 bits of key and the place of a record fit a double's 53. */
const packedCountMax = 2 ** 21

/** @param isByKey - false: by label and arrival only */
export function sortOrder(records: RecordColumns, isByKey: boolean): Uint32Array {
  const {count, labels} = records
  const order = new Uint32Array(count)
  for (let index = 0; index < count; index++) order[index] = index
  let hasLabels = false
  for (let index = 1; index < count && !hasLabels; index++) hasLabels = labels[index] !== labels[0]
  if (hasLabels) orderByLabel(order, labels)
  if (!isByKey) return order
  const sorter = new KeySorter(records, order)
  for (let start = 0; start < count; ) {
    const label = labels[order[start]!]
    let end = start + 1
    while (end < count && labels[order[end]!] === label) end++
    sorter.sort(start, end, sorter.sharedLength(start, end, 0))
    start = end
  }
  return order
}

/** Labels up to which each gets a counter. */
const countedLabelMax = 1 << 20

/** Stable: records of one label stay in order. */
function orderByLabel(order: Uint32Array, labels: Uint32Array): void {
  const count = order.length
  let highest = 0
  for (let index = 0; index < count; index++) highest = Math.max(highest, labels[index]!)
  if (highest > countedLabelMax) {
    order.sort((a, b) => labels[a]! - labels[b]! || a - b)
    return
  }
  const next = new Uint32Array(highest + 2)
  for (let index = 0; index < count; index++) next[labels[index]! + 1]!++
  for (let label = 1; label < next.length; label++) next[label]! += next[label - 1]!
  for (let record = 0; record < count; record++) order[next[labels[record]!]!++] = record
}

class KeySorter {
  readonly #bytes: Buffer
  readonly #keyStarts: Uint32Array
  readonly #keyEnds: Uint32Array
  readonly #order: Uint32Array
  readonly #scratch: Float64Array
  readonly #moved: Uint32Array

  constructor({bytes, keyStarts, keyEnds, count}: RecordColumns, order: Uint32Array) {
    this.#bytes = bytes
    this.#keyStarts = keyStarts
    this.#keyEnds = keyEnds
    this.#order = order
    this.#scratch = new Float64Array(Math.min(count, packedCountMax))
    this.#moved = new Uint32Array(Math.min(count, packedCountMax))
  }

  /** Sorts order[from..to), whose keys share their first `depth` bytes and are at least that long. */
  sort(from: number, to: number, depth: number): void {
    let at = depth
    for (;;) {
      const count = to - from
      if (count <= insertionCount) {
        this.#insertionSort(from, to, at)
        return
      }
      if (count > packedCountMax) {
        this.#order.subarray(from, to).sort((a, b) => this.#compare(a, b, at))
        return
      }
      const runs = this.#sortByWord(from, to, at)
      const isOneRun = runs[1] === to && runs[0] === from
      if (!isOneRun) {
        for (let index = 0; index < runs.length; index += 2) this.#sortRun(runs[index]!, runs[index + 1]!, at + 4)
        return
      }
      const rest = this.#settleEnded(from, to, at + 4)
      if (rest >= to) return
      from = rest
      at = this.sharedLength(from, to, at + 4)
    }
  }

  /** Sorts a stretch of keys that are equal up to `depth`, zeros counted behind their ends. */
  #sortRun(from: number, to: number, depth: number): void {
    // Comparing whole keys settles lengths by itself.
    if (to - from <= insertionCount) this.#insertionSort(from, to, depth)
    else this.sort(this.#settleEnded(from, to, depth), to, depth)
  }

  /** Four bytes of a key, the first one highest; zeros behind its end. */
  #wordAt(record: number, depth: number): number {
    const bytes = this.#bytes
    const at = this.#keyStarts[record]! + depth
    const end = this.#keyEnds[record]!
    if (at + 4 <= end)
      return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0
    let word = 0
    for (let index = at; index < at + 4; index++) word = (word << 8) | (index < end ? bytes[index]! : 0)
    return word >>> 0
  }

  /** @returns where runs of equal words of more than one record begin and end, in turn */
  #sortByWord(from: number, to: number, depth: number): number[] {
    const count = to - from
    const scratch = this.#scratch
    const order = this.#order
    const moved = this.#moved
    for (let index = 0; index < count; index++) {
      const record = order[from + index]!
      moved[index] = record
      scratch[index] = this.#wordAt(record, depth) * packedCountMax + index
    }
    scratch.subarray(0, count).sort()
    const runs: number[] = []
    let runStart = 0
    let runLimit = -1
    for (let index = 0; index < count; index++) {
      const packed = scratch[index]!
      const place = packed % packedCountMax
      order[from + index] = moved[place]!
      if (packed < runLimit) continue
      if (index - runStart > 1) runs.push(from + runStart, from + index)
      runStart = index
      runLimit = packed - place + packedCountMax
    }
    if (count - runStart > 1) runs.push(from + runStart, to)
    return runs
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
  sharedLength(from: number, to: number, known: number): number {
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
