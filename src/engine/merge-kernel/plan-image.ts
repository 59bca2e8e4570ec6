/** The plan of a merge as assembly/layout.ts lays it out in the kernel's memory. */
import type {ColumnNode} from '../columns/index.ts'
import {numberBytesMax, outBytes, readSlackBytes} from './limits.ts'
import type {RowTemplate} from './row-template.ts'

export interface MergePlan {
  readonly template: RowTemplate
  readonly partCount: number
  readonly columns: readonly ColumnNode[]
  /** Keys before it are skipped. */
  readonly low: Uint8Array | undefined
  /** The first key that is not merged any more. */
  readonly high: Uint8Array | undefined
  /** Bytes of the longest block of each run. */
  readonly blockBytes: readonly number[]
}

export interface MergeImage {
  readonly bytes: Uint8Array
  /** Where the blocks of each run go. */
  readonly blocks: readonly {readonly at: number; readonly bytes: number}[]
  /** End of everything. */
  readonly end: number
}

const planBytes = 21 * 4
const readerBytes = 32
const placeBytes = 16
const holderBytes = 16
const alignment = 64

const operations = {count: 0, sum: 1, avg: 2, min: 3, max: 4} as const
const otherOperation = 5

/** @param base - where the image goes */
export function mergeImage({template, partCount, columns, low, high, blockBytes}: MergePlan, base: number): MergeImage {
  const fronts = template.fronts.map(text => Buffer.from(text))
  const end = Buffer.from(template.padding + template.end)
  const empty = Buffer.from(template.empty)
  const texts = [...fronts, end, empty, low ?? none, high ?? none]
  const operationsAt = planBytes
  const frontsAt = operationsAt + columns.length * 4
  const readersAt = aligned(frontsAt + fronts.length * 8)
  const orderAt = readersAt + blockBytes.length * readerBytes
  const holdersAt = orderAt + (3 * blockBytes.length + 1) * placeBytes
  let at = holdersAt + blockBytes.length * holderBytes
  const places = texts.map(text => {
    const place = at
    // What is behind a text is read, and must not be the next key.
    at = aligned(at + text.length + readSlackBytes)
    return place
  })
  const bytes = new Uint8Array(at)
  const view = new DataView(bytes.buffer)
  const setText = (offset: number, index: number): void => {
    view.setUint32(offset, base + places[index]!, true)
    view.setUint32(offset + 4, texts[index]!.length, true)
  }
  for (const [index, text] of texts.entries()) bytes.set(text, places[index])
  for (const [index, {aggregate}] of columns.entries()) {
    const operation = aggregate in operations ? operations[aggregate as keyof typeof operations] : otherOperation
    view.setUint32(operationsAt + index * 4, operation, true)
  }
  for (const index of fronts.keys()) setText(frontsAt + index * 8, index)
  const blocks = blockBytes.map((count, index) => {
    const reader = readersAt + index * readerBytes
    const place = base + at
    at = aligned(at + count + readSlackBytes)
    view.setUint32(reader, place, true)
    view.setUint32(reader + 4, count, true)
    return {at: place, bytes: count}
  })
  const rowBytes = fronts.reduce((sum, text) => sum + text.length, end.length) + columns.length * numberBytesMax
  const words = [partCount, columns.length, base + operationsAt, base + frontsAt]
  for (const [index, word] of words.entries()) view.setUint32(index * 4, word, true)
  setText(16, fronts.length)
  setText(24, fronts.length + 1)
  view.setUint32(32, template.style === 'csv' ? 0 : 1, true)
  view.setUint32(36, template.blank === '' ? 0 : 1, true)
  setText(40, fronts.length + 2)
  setText(48, fronts.length + 3)
  const orders = [base + readersAt, base + orderAt, base + holdersAt]
  const rest = [rowBytes + partCount * 2, blockBytes.length, ...orders, base + at, outBytes]
  for (const [index, word] of rest.entries()) view.setUint32(56 + index * 4, word, true)
  return {bytes, blocks, end: base + at + outBytes + readSlackBytes}
}

const none = new Uint8Array(0)

function aligned(at: number): number {
  return Math.ceil(at / alignment) * alignment
}
