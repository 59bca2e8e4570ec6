import {ByteBuffer} from '../bytes/index.ts'
import type {Column} from '../contracts.ts'
import type {KeyView} from './key-builder.ts'
import {KeyStore} from './key-store.ts'
import {doublingGroupsMax, initialGroups, slotLoadMax} from './limits.ts'
import {type BlockSink, RunWriter} from './run-writer.ts'
import {sortedGroups} from './sort-keys.ts'

/**
 * Groups by key, numbered 0, 1, 2 … in order of appearance, and their columns.
 *
 * An open-addressing table of (hash, group) pairs with linear probing; key bytes lie apart in chunks. All keys of a table
 * have the same number of parts.
 */
export class GroupTable {
  /** Grown by the table; a group's values are added to them directly. */
  readonly columns: readonly Column[]
  readonly #keys = new KeyStore()
  /** Two numbers a slot: the key's hash, and the group plus 1 (0: free). */
  #slots = new Int32Array(0)
  #mask = 0
  #slotsUsedMax = 0
  #capacity = 0
  #groupCount = 0

  constructor(columns: readonly Column[]) {
    this.columns = columns
    this.#makeEmpty()
  }

  get groupCount(): number {
    return this.#groupCount
  }

  /** Memory held now: slots, keys and columns. Cheap; `clear` brings it down again. Infinity when keys run out of room. */
  get bytes(): number {
    let bytes = this.#slots.byteLength + this.#keys.bytes
    for (const column of this.columns) bytes += column.bytes
    return bytes
  }

  /** The group of a key; a new one when the key is new. */
  groupOf(key: KeyView): number {
    const hash = key.hash
    const slots = this.#slots
    let at = (hash & this.#mask) * 2
    for (;;) {
      const found = slots[at + 1]!
      if (found === 0) return this.#insert(key, hash)
      if (slots[at] === hash && this.#keys.isSame(found - 1, key)) return found - 1
      at = (at + 2) & (this.#mask * 2 + 1)
    }
  }

  #insert(key: KeyView, hash: number): number {
    if (this.#groupCount === this.#capacity) this.#growGroups()
    if (this.#groupCount === this.#slotsUsedMax) this.#doubleSlots()
    const group = this.#groupCount++
    this.#keys.add(group, key)
    this.#occupy(hash, group + 1)
    return group
  }

  #occupy(hash: number, mark: number): void {
    const slots = this.#slots
    let at = (hash & this.#mask) * 2
    while (slots[at + 1] !== 0) at = (at + 2) & (this.#mask * 2 + 1)
    slots[at] = hash
    slots[at + 1] = mark
  }

  #growGroups(): void {
    const factor = this.#capacity <= doublingGroupsMax ? 2 : 1.25
    this.#setCapacity(Math.ceil(this.#capacity * factor))
  }

  #setCapacity(capacity: number): void {
    this.#capacity = capacity
    this.#keys.grow(capacity)
    for (const column of this.columns) column.grow(capacity)
  }

  #doubleSlots(): void {
    const before = this.#slots
    this.#setSlots(before.length)
    for (let at = 0; at < before.length; at += 2) {
      if (before[at + 1] !== 0) this.#occupy(before[at]!, before[at + 1]!)
    }
    before.buffer.transfer(0)
  }

  /** @param count - a power of two */
  #setSlots(count: number): void {
    this.#slots = new Int32Array(count * 2)
    this.#mask = count - 1
    this.#slotsUsedMax = Math.floor(count * slotLoadMax)
  }

  /** A view of a group's key bytes. */
  keyOf(group: number): Uint8Array {
    return this.#keys.keyOf(group)
  }

  /** Forgets all groups and gives their memory back. */
  clear(): void {
    this.#slots.buffer.transfer(0)
    this.#keys.clear()
    for (const column of this.columns) column.clear()
    this.#groupCount = 0
    this.#makeEmpty()
  }

  #makeEmpty(): void {
    this.#setSlots(initialGroups * 2)
    this.#setCapacity(initialGroups)
  }

  /**
   * Writes all groups as a run: sorted by key, in blocks of about 256 KiB. The run's bytes depend on the groups and
   * their states only. Takes 16 bytes a group beside the table.
   *
   * @param sink - called for each block in order; a block is valid during the call
   */
  writeRun(sink: BlockSink): void {
    const writer = new RunWriter(sink)
    const state = new ByteBuffer()
    for (const group of sortedGroups(this.#keys, this.#groupCount)) {
      state.clear()
      for (const column of this.columns) column.write(group, state)
      writer.add(this.#keys.keyOf(group), state.view())
    }
    writer.end()
  }
}
