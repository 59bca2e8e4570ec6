/** Gives a kernel code, or a table, for the lines that its input mostly consists of, and new code when they have become others. */
import {type KernelExports, openGenerated} from '../instance.ts'
import {
  codeValuesMax,
  laneLinesMin,
  lanesOfLong,
  lanesOfShort,
  shortLineValues,
  tableEntriesMax,
  tableLanes,
  usualAttemptsMax,
  usualBytesMin,
  usualKeptMin,
} from '../limits.ts'
import {entryBytes, lineTable} from './line-table.ts'
import {sampleLines} from './sample-lines.ts'
import {usualCode, vectorBytes} from './usual-code.ts'
import {askFor, offer, type SharedCode, type UsualExchange} from './usual-exchange.ts'
import {type NeededName, type UsualLine, usualFields, usualLine} from './usual-line.ts'

/** What of a plan's image the code is made for. */
export interface LineNeeds {
  readonly names: readonly NeededName[]
  /** Offsets of the slots of all needed fields. */
  readonly slots: readonly number[]
  readonly areaBytes: number
  /** Lines of a batch. */
  readonly batchLines: number
}

export interface UsualOptions {
  /** Bytes of input that are read before code is made for it: usualBytesMin unless given. */
  readonly bytesMin?: number | undefined
  /** Values of a line up to which code is made for it, and past which a table: codeValuesMax unless given. */
  readonly codeValues?: number | undefined
  /** With other scanners that have the same plan. */
  readonly exchange?: UsualExchange | undefined
}

type Made = Pick<SharedCode, 'code' | 'laneCount' | 'isTable'>

export class UsualReader {
  readonly #wasm: KernelExports
  readonly #exchange: UsualExchange | undefined
  readonly #needs: LineNeeds
  /** Bytes of input that are read before code is made, and between two looks at how it does. */
  readonly #bytesMin: number
  readonly #codeValues: number
  #bytesLeft: number
  #attempts = 0
  #hasCode = false
  /** Of its functions in the kernel's table, once there was code. */
  #place: number | undefined
  /** Bytes of a line that it was made for. */
  #lineBytes = 0
  /** At the last look: lines that it had read, and bytes of input since. */
  #lines = 0
  #bytes = 0

  constructor(wasm: KernelExports, needs: LineNeeds, options: UsualOptions = {}) {
    const {bytesMin = usualBytesMin, codeValues = codeValuesMax, exchange} = options
    this.#wasm = wasm
    this.#needs = needs
    this.#exchange = exchange
    this.#bytesMin = bytesMin
    this.#codeValues = codeValues
    this.#bytesLeft = bytesMin
  }

  /** @param piece - the lines that are scanned next, in the kernel's memory */
  before(piece: Uint8Array): void {
    this.#bytesLeft -= piece.length
    if (this.#bytesLeft <= 0 && this.#attempts < usualAttemptsMax) {
      if (this.#hasCode && this.#isGood()) this.#bytesLeft = this.#bytesMin
      else this.#tryFor(piece)
    }
    this.#bytes += piece.length
  }

  /** Whether the code has read most of the input since the last look. */
  #isGood(): boolean {
    const read = (this.#readLines - this.#lines) * this.#lineBytes
    const isGood = read >= this.#bytes * usualKeptMin
    this.#look()
    return isGood
  }

  get #readLines(): number {
    return this.#wasm.usualCount() >>> 0
  }

  #look(): void {
    this.#lines = this.#readLines
    this.#bytes = 0
  }

  #tryFor(piece: Uint8Array): void {
    const shared = this.#attempts === 0 && this.#exchange !== undefined ? askFor(this.#exchange) : 'none'
    // Another scanner is at it: there will be code for the next piece.
    if (shared === 'wait') return
    this.#attempts++
    // Input that has no usual line is asked less and less often.
    this.#bytesLeft = this.#bytesMin * 4 ** this.#attempts
    const isLeft = this.#attempts === 1 && this.#exchange !== undefined && shared === 'none'
    const made = isLeft ? undefined : typeof shared === 'object' ? shared : this.#make(piece)
    if (shared === 'make') offer(this.#exchange!, made)
    if (made !== undefined) this.#take(made)
    else if (this.#hasCode) this.#drop()
  }

  #make(piece: Uint8Array): SharedCode | undefined {
    const lines = sampleLines(piece)
    const usual = usualLine(lines, this.#needs.names, this.#needs.slots)
    if (usual === undefined) return undefined
    const lineBytes = Math.round(lines.reduce((sum, {length}) => sum + length, 0) / lines.length)
    const made = this.#tableFor(usual) ?? this.#codeFor(usual)
    return made && {...made, lineBytes, bits: usual.bits, fields: usualFields(usual, this.#needs.slots)}
  }

  /** Long lines are read by a table, if a batch has room for enough of them. */
  #tableFor(usual: UsualLine): Made | undefined {
    if (usual.values.length <= this.#codeValues || this.#needs.batchLines < tableLanes * laneLinesMin) return undefined
    const table = lineTable(usual)
    return table.length > tableEntriesMax * entryBytes ? undefined : {code: table, laneCount: tableLanes, isTable: true}
  }

  /** For as many lines side by side as there is room for in a batch. */
  #codeFor(usual: UsualLine): Made | undefined {
    const {areaBytes, batchLines} = this.#needs
    if (usual.values.length > this.#codeValues) return undefined
    let laneCount = usual.values.length > shortLineValues ? lanesOfLong : lanesOfShort
    while (laneCount > 1 && batchLines / laneCount < laneLinesMin) laneCount /= 2
    const laneLines = Math.floor(batchLines / laneCount)
    const code = usualCode(usual, {areaBytes, laneCount, laneLines, vectorsAt: this.#wasm.usualVectors()})
    return {code, laneCount, isTable: false}
  }

  #take({code, laneCount, lineBytes, bits, isTable, fields}: SharedCode): void {
    this.#hasCode = true
    this.#lineBytes = lineBytes
    if (isTable) this.#takeTable(code, bits)
    else this.#takeCode(code, laneCount, bits)
    this.#wasm.setUsualFields(fields.present, fields.numeric)
    this.#look()
  }

  /** Lines have become others, and nothing can be made for those. */
  #drop(): void {
    this.#hasCode = false
    this.#wasm.setUsual(0, 0, 0, 0n)
  }

  #takeTable(table: Uint8Array, bits: bigint): void {
    const wasm = this.#wasm
    new Uint8Array(wasm.memory.buffer).set(table, wasm.usualTable())
    wasm.setTable(table.length / entryBytes, bits)
  }

  #takeCode(code: Uint8Array, laneCount: number, bits: bigint): void {
    const wasm = this.#wasm
    new Uint8Array(wasm.memory.buffer).set(vectorBytes(), wasm.usualVectors())
    const {readLanes, readLane} = openGenerated(code, wasm)
    this.#place ??= wasm.table.grow(2)
    wasm.table.set(this.#place, readLanes)
    wasm.table.set(this.#place + 1, readLane)
    wasm.setUsual(laneCount, this.#place, this.#place + 1, bits)
  }
}
