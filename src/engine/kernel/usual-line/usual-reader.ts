/** Gives a kernel code for the lines that its input mostly consists of, and new code when they have become others. */
import {type KernelExports, openGenerated} from '../instance.ts'
import {
  laneLinesMin,
  lanesOfLong,
  lanesOfShort,
  longLineFactor,
  longLineMembers,
  shortLineValues,
  usualAttemptsMax,
  usualBytesMin,
  usualKeptMin,
  usualValuesMax,
} from '../limits.ts'
import {sampleLines} from './sample-lines.ts'
import {usualCode, vectorBytes} from './usual-code.ts'
import {askFor, offer, type SharedCode, type UsualExchange} from './usual-exchange.ts'
import {type NeededName, type UsualLine, usualLine} from './usual-line.ts'

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
  /** With other scanners that have the same plan. */
  readonly exchange?: UsualExchange | undefined
}

/** Whether the first of some lines has many members. */
function isLong(piece: Uint8Array): boolean {
  const end = piece.indexOf(0x0a)
  return new TextDecoder('latin1').decode(piece.subarray(0, end)).split('":').length > longLineMembers
}

export class UsualReader {
  readonly #wasm: KernelExports
  readonly #exchange: UsualExchange | undefined
  readonly #needs: LineNeeds
  /** Bytes of input that are read before code is made, and between two looks at how it does. */
  readonly #bytesMin: number
  #bytesLeft: number
  #attempts = 0
  /** Of its functions in the kernel's table; undefined: there is no code. */
  #place: number | undefined
  /** Bytes of a line that it was made for. */
  #lineBytes = 0
  /** At the last look: lines that it had read, and bytes of input since. */
  #lines = 0
  #bytes = 0

  constructor(wasm: KernelExports, needs: LineNeeds, {bytesMin = usualBytesMin, exchange}: UsualOptions = {}) {
    this.#wasm = wasm
    this.#needs = needs
    this.#exchange = exchange
    this.#bytesMin = bytesMin
    this.#bytesLeft = bytesMin
  }

  /** @param piece - the lines that are scanned next, in the kernel's memory */
  before(piece: Uint8Array): void {
    // Asked once: later lines of another length change little.
    if (this.#bytes === 0 && this.#attempts === 0 && isLong(piece)) this.#bytesLeft += this.#bytesMin * longLineFactor
    this.#bytesLeft -= piece.length
    if (this.#bytesLeft <= 0 && this.#attempts < usualAttemptsMax) {
      if (this.#place !== undefined && this.#isGood()) this.#bytesLeft = this.#bytesMin
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
  }

  #make(piece: Uint8Array): SharedCode | undefined {
    const lines = sampleLines(piece)
    const usual = usualLine(lines, this.#needs.names, this.#needs.slots)
    if (usual === undefined || usual.values.length > usualValuesMax) return undefined
    const lineBytes = Math.round(lines.reduce((sum, {length}) => sum + length, 0) / lines.length)
    return {...this.#codeFor(usual), lineBytes, bits: usual.bits}
  }

  /** For as many lines side by side as there is room for in a batch. */
  #codeFor(usual: UsualLine): Pick<SharedCode, 'code' | 'laneCount'> {
    const {areaBytes, batchLines} = this.#needs
    let laneCount = usual.values.length > shortLineValues ? lanesOfLong : lanesOfShort
    while (laneCount > 1 && batchLines / laneCount < laneLinesMin) laneCount /= 2
    const laneLines = Math.floor(batchLines / laneCount)
    return {code: usualCode(usual, {areaBytes, laneCount, laneLines, vectorsAt: this.#wasm.usualVectors()}), laneCount}
  }

  #take({code, laneCount, lineBytes, bits}: SharedCode): void {
    const wasm = this.#wasm
    new Uint8Array(wasm.memory.buffer).set(vectorBytes(), wasm.usualVectors())
    const {readLanes, readLane} = openGenerated(code, wasm)
    this.#place ??= wasm.table.grow(2)
    wasm.table.set(this.#place, readLanes)
    wasm.table.set(this.#place + 1, readLane)
    wasm.setUsual(laneCount, this.#place, this.#place + 1, bits)
    this.#lineBytes = lineBytes
    this.#look()
  }
}
