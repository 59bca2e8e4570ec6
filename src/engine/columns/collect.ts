import {compareText} from '../../base/index.ts'
import type {Cell} from '../../rules/index.ts'
import {emptyList, fillUp} from '../bytes/index.ts'
import type {ByteReader, ByteWriter, Column} from '../contracts.ts'
import {keyTextOf} from '../numbers/index.ts'
import {keptText, textBytes} from './kept-text.ts'
import {groupObjectBytes} from './limits.ts'

/**
 * The different values as key texts, ascending by code point; where there are more than `max`, the first ones in that
 * order. That choice is arbitrary, but the same for any order and split of the input. Absent and null do not count.
 */
export class CollectColumn implements Column {
  readonly #max: number
  readonly #lists: (string[] | undefined)[] = []
  #listBytes = 0

  constructor(max: number) {
    this.#max = max
  }

  get bytes(): number {
    return this.#lists.length * 8 + this.#listBytes
  }

  grow(capacity: number): void {
    fillUp(this.#lists, capacity)
  }

  add(group: number, value: unknown): boolean {
    if (value !== undefined && value !== null) this.#offer(group, keyTextOf(value).toWellFormed())
    return true
  }

  #offer(group: number, text: string): void {
    let list = this.#lists[group]
    if (list === undefined) {
      list = []
      this.#lists[group] = list
      this.#listBytes += groupObjectBytes
    }
    const isFull = list.length >= this.#max
    if (isFull && (this.#max === 0 || compareText(text, list[list.length - 1]!) >= 0)) return
    const place = placeOf(list, text)
    if (list[place] === text) return
    if (isFull) this.#listBytes -= textBytes(list.pop()!)
    list.splice(place, 0, keptText(text))
    this.#listBytes += textBytes(text)
  }

  write(group: number, out: ByteWriter): void {
    const list = this.#lists[group] ?? []
    out.varint(list.length)
    for (const text of list) out.text(text)
  }

  merge(group: number, input: ByteReader): void {
    for (let left = input.varint(); left > 0; left--) this.#offer(group, input.text())
  }

  finish(group: number): Cell {
    return [...(this.#lists[group] ?? [])]
  }

  isApproximate(): boolean {
    return false
  }

  clear(): void {
    emptyList(this.#lists)
    this.#listBytes = 0
  }
}

/** Index of the first text that is not below `text`. */
function placeOf(list: readonly string[], text: string): number {
  let low = 0
  let high = list.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (compareText(list[middle]!, text) < 0) low = middle + 1
    else high = middle
  }
  return low
}
