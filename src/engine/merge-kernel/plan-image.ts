/** The plan of a merge as assembly/layout.ts lays it out in the kernel's memory. */
import type {ColumnNode} from '../columns/index.ts'
import {numberBytesMax, outBytes, readSlackBytes} from './limits.ts'
import {type RowTemplate, rowStyles} from './row-template.ts'

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
  /** Groups of one key, at most; left out: one of each run. */
  readonly holderCount?: number
}

export interface MergeImage {
  /** The plan, and what goes to `restAt`. */
  readonly plan: Uint8Array
  readonly rest: Uint8Array
  /** Where the blocks of each run go. */
  readonly blocks: readonly {readonly at: number; readonly bytes: number}[]
  /** End of everything. */
  readonly end: number
}

const planBytes = 21 * 4
const readerBytes = 32
const placeBytes = 16
const holderBytes = 20
const alignment = 64

const operations = {count: 0, sum: 1, avg: 2, min: 3, max: 4} as const
const otherOperation = 5

/** @param base - where all but the plan goes */
export function mergeImage(merge: MergePlan, base: number): MergeImage {
  const {template, partCount, columns, low, high, blockBytes, holderCount = blockBytes.length} = merge
  const fronts = template.fronts.map(text => Buffer.from(text))
  const end = Buffer.from(template.padding + template.end)
  const empty = Buffer.from(template.empty)
  const texts = [...fronts, end, empty, low ?? none, high ?? none]
  const operationsAt = 0
  const frontsAt = operationsAt + columns.length * 4
  const readersAt = aligned(frontsAt + fronts.length * 8)
  const orderAt = readersAt + blockBytes.length * readerBytes
  const holdersAt = orderAt + (3 * blockBytes.length + 1) * placeBytes
  let at = holdersAt + holderCount * holderBytes
  const places = texts.map(text => {
    const place = at
    // What is behind a text is read, and must not be the next key.
    at = aligned(at + text.length + readSlackBytes)
    return place
  })
  const bytes = new Uint8Array(at)
  const view = new DataView(bytes.buffer)
  const plan = new DataView(new ArrayBuffer(planBytes))
  const setText = (into: DataView, offset: number, index: number): void => {
    into.setUint32(offset, base + places[index]!, true)
    into.setUint32(offset + 4, texts[index]!.length, true)
  }
  for (const [index, text] of texts.entries()) bytes.set(text, places[index])
  for (const [index, {aggregate}] of columns.entries()) {
    const operation = aggregate in operations ? operations[aggregate as keyof typeof operations] : otherOperation
    view.setUint32(operationsAt + index * 4, operation, true)
  }
  for (const index of fronts.keys()) setText(view, frontsAt + index * 8, index)
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
  for (const [index, word] of words.entries()) plan.setUint32(index * 4, word, true)
  setText(plan, 16, fronts.length)
  setText(plan, 24, fronts.length + 1)
  plan.setUint32(32, rowStyles.indexOf(template.style), true)
  plan.setUint32(36, template.blank === '' ? 0 : 1, true)
  setText(plan, 40, fronts.length + 2)
  setText(plan, 48, fronts.length + 3)
  const orders = [base + readersAt, base + orderAt, base + holdersAt]
  const rest = [rowBytes + partCount * 2, blockBytes.length, ...orders, base + at, outBytes]
  for (const [index, word] of rest.entries()) plan.setUint32(56 + index * 4, word, true)
  return {plan: new Uint8Array(plan.buffer), rest: bytes, blocks, end: base + at + outBytes + readSlackBytes}
}

const none = new Uint8Array(0)

function aligned(at: number): number {
  return Math.ceil(at / alignment) * alignment
}
