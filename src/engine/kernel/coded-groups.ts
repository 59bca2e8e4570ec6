/** The groups of a table whose keys are codes, as a coded run. */
import {type CodedPart, type NumbersRun, numbersEntryBytes} from '../groups/index.ts'
import type {KernelExports} from './instance.ts'
import type {KernelKeyset} from './kernel-plan.ts'
import type {KernelOperation} from './kernel-values.ts'
import {codedBlockBytes} from './limits.ts'

export interface CodedGroupsOptions {
  readonly wasm: KernelExports
  /** The whole memory as it is now. */
  readonly memory: () => Uint8Array
  readonly table: number
  readonly keyset: KernelKeyset
  /** That the run may take. */
  readonly bytesMax: number
  /** It is for other threads, too. */
  readonly isShared: boolean
}

/** States that entries have room for. */
const operations: Readonly<Partial<Record<KernelOperation, 'count' | 'sum' | 'avg'>>> = {
  count: 'count',
  'count-field': 'count',
  sum: 'sum',
  avg: 'avg',
}
const countBitsMax = 32

/**
 * After `beginRun`.
 *
 * @returns undefined when the groups have to be written as records
 */
export function codedGroups({
  wasm,
  memory,
  table,
  keyset,
  bytesMax,
  isShared,
}: CodedGroupsOptions): NumbersRun | undefined {
  if (wasm.hasCodes(table) === 0) return undefined
  const values = keyset.values.flatMap(({operation}, index) => {
    const known = operations[operation]
    return known === undefined ? [] : [{operation: known, scale: wasm.valueScale(table, index)}]
  })
  if (values.length < keyset.values.length) return undefined
  const make = (bytes: number): Uint8Array =>
    new Uint8Array(isShared ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes))
  const entryBytes = numbersEntryBytes(values)
  const count = wasm.groupCount(table)
  if (count * entryBytes > bytesMax) return undefined
  const parts = keyset.parts.map((_, part): CodedPart => {
    const bytes = wasm.writeTexts(table, part)
    const at = wasm.textsAddress()
    const count = wasm.textCount(table, part)
    const kept = make(bytes)
    kept.set(memory().subarray(at, at + bytes))
    return {
      count,
      texts: kept.subarray(count * 4),
      starts: new Uint32Array(kept.buffer, 0, count),
      shift: wasm.placeShift(table, part),
      bits: wasm.placeBits(table, part),
    }
  })
  const entries = make(count * entryBytes)
  const together = Math.floor(codedBlockBytes / entryBytes)
  const at = wasm.entriesAddress()
  for (let first = 0; first < count; first += together) {
    const last = Math.min(count, first + together)
    wasm.writeEntries(table, first, last, entryBytes)
    entries.set(memory().subarray(at, at + (last - first) * entryBytes), first * entryBytes)
  }
  const countBits = wasm.countBits()
  if (countBits > countBitsMax) return undefined
  return {kind: 'numbers', parts, values, count, entryBytes, entries, countBits, totalBits: wasm.totalBits()}
}
