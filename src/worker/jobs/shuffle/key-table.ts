/**
 * Numbers of keys, in the order in which they came: an open-addressing hash table over their bytes, which lie one behind the
 * other. A Map of texts takes several times as long: it hashes, compares and keeps each text by itself, all over the memory.
 */
import {ByteWriter} from './byte-writer.ts'
import {writeKey} from './key-codec.ts'

const firstSlotCount = 1 << 12
/** Numbers of a slot: first and second word, what kind of key, its number + 1 (0: free). Sixteen bytes: one place in memory. */
const slotWords = 4
/** Bytes that a key takes beside its own: a slot at a load of a quarter to a half, where it begins, its label. */
const entryBytes = 72
/** Plain texts up to this many units are in their slot, as two words of four bytes; the kind is their length. */
const shortTextLength = 8
/** Keys that are not: the words are hashes, the bytes have to be compared. */
const longKind = 255
/** No label of its own: whoever takes the key says which one it gets. */
const noLabel = -1

/** Grows by itself; `clear` keeps its memory. */
export class KeyTable {
  readonly #out = new ByteWriter(64 * 1024)
  #slots = new Int32Array(slotWords * firstSlotCount)
  #slotMask = firstSlotCount - 1
  /** Where keys begin; one more than there are keys. */
  #starts = new Uint32Array(1024)
  /** Of keys with labels of their own; empty as long as none has one. */
  #labels: Float64Array<ArrayBuffer> | undefined
  /** Where hashes begin: not the same in every process, so that nobody can prepare keys that meet. */
  readonly #seed = (Math.random() * 0x1_0000_0000) | 0
  count = 0

  /** Roughly what is held. */
  get bytes(): number {
    return this.#out.at + this.count * entryBytes
  }

  /**
   * The number of a key with its label. It is a new one when it is what `count` was before.
   *
   * @throws TypeError for what no key can be
   */
  numberOf(key: string | number, label: number | undefined): number {
    if (typeof key !== 'string' || key.length > shortTextLength || label !== undefined)
      return this.#numberOfLong(key, label)
    const length = key.length
    let first = 0
    let second = 0
    for (let index = 0; index < length; index++) {
      const code = key.charCodeAt(index)
      if (code > 0x7f) return this.#numberOfLong(key, label)
      if (index < 4) first = (first << 8) | code
      else second = (second << 8) | code
    }
    const slots = this.#slots
    const mask = this.#slotMask
    let slot = this.#slotOf(first, second)
    for (;;) {
      const at = slot * slotWords
      const entry = slots[at + 3]!
      if (entry === 0) {
        writeKey(this.#out, key)
        return this.#add(at, first, second, length, undefined)
      }
      if (slots[at] === first && slots[at + 1] === second && slots[at + 2] === length) return entry - 1
      slot = (slot + 1) & mask
    }
  }

  #numberOfLong(key: string | number, label: number | undefined): number {
    const out = this.#out
    const start = out.at
    try {
      writeKey(out, key)
    } catch (error) {
      out.at = start
      throw error
    }
    if (label !== undefined) this.#labels ??= new Float64Array(this.#starts.length).fill(noLabel)
    const {bytes, at: end} = out
    let first = this.#seed
    let second = label ?? noLabel
    for (let at = start; at < end; at++) {
      first = Math.imul(first ^ bytes[at]!, 0x0100_0193)
      second = (Math.imul(second, 31) + bytes[at]!) | 0
    }
    const slots = this.#slots
    const mask = this.#slotMask
    let slot = this.#slotOf(first, second)
    for (;;) {
      const at = slot * slotWords
      const entry = slots[at + 3]!
      if (entry === 0) return this.#add(at, first, second, longKind, label)
      const isLikely = slots[at] === first && slots[at + 1] === second && slots[at + 2] === longKind
      if (isLikely && this.#isSame(entry - 1, start, end - start, label)) {
        out.at = start
        return entry - 1
      }
      slot = (slot + 1) & mask
    }
  }

  #slotOf(first: number, second: number): number {
    const mixed = Math.imul(first ^ this.#seed, 0x9e37_79b1) ^ Math.imul(second, 0x85eb_ca6b)
    return (Math.imul(mixed ^ (mixed >>> 15), 0xc2b2_ae35) >>> 7) & this.#slotMask
  }

  /** The bytes of a key, good until the next one is added. */
  placeOf(number: number): {readonly bytes: Buffer; readonly start: number; readonly end: number} {
    return {bytes: this.#out.bytes, start: this.#starts[number]!, end: this.#starts[number + 1]!}
  }

  labelOf(number: number): number | undefined {
    const label = this.#labels?.[number] ?? noLabel
    return label === noLabel ? undefined : label
  }

  /** Forgets all, keeps the room. */
  clear(): void {
    this.#out.at = 0
    this.#slots.fill(0)
    this.#labels = undefined
    this.count = 0
  }

  #isSame(number: number, start: number, length: number, label: number | undefined): boolean {
    let known = this.#starts[number]!
    if (this.#starts[number + 1]! - known !== length) return false
    if (this.#labels !== undefined && this.#labels[number] !== (label ?? noLabel)) return false
    const {bytes} = this.#out
    for (let at = start; at < start + length; at++) if (bytes[at] !== bytes[known++]) return false
    return true
  }

  #add(at: number, first: number, second: number, kind: number, label: number | undefined): number {
    const number = this.count++
    if (number + 1 === this.#starts.length) this.#growEntries()
    this.#starts[number + 1] = this.#out.at
    if (this.#labels !== undefined) this.#labels[number] = label ?? noLabel
    const slots = this.#slots
    slots[at] = first
    slots[at + 1] = second
    slots[at + 2] = kind
    slots[at + 3] = number + 1
    if (this.count * 2 > this.#slotMask) this.#growSlots()
    return number
  }

  #growEntries(): void {
    const starts = new Uint32Array(this.#starts.length * 2)
    starts.set(this.#starts)
    this.#starts = starts
    if (this.#labels === undefined) return
    const labels = new Float64Array(starts.length).fill(noLabel)
    labels.set(this.#labels)
    this.#labels = labels
  }

  #growSlots(): void {
    const old = this.#slots
    const slots = new Int32Array(old.length * 2)
    this.#slots = slots
    this.#slotMask = this.#slotMask * 2 + 1
    for (let from = 0; from < old.length; from += slotWords) {
      if (old[from + 3] === 0) continue
      let slot = this.#slotOf(old[from]!, old[from + 1]!)
      while (slots[slot * slotWords + 3] !== 0) slot = (slot + 1) & this.#slotMask
      for (let word = 0; word < slotWords; word++) slots[slot * slotWords + word] = old[from + word]!
    }
  }
}
