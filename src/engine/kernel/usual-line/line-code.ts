/**
 * Code that reads usual lines: for each value of the line, of each of some lines side by side, the instructions that its step and its
 * kind take, one behind the other. Whatever is not usual ends it, before anything of that row of lines is reported.
 */
import {Code, i32, type i64, type Label, v128} from './code.ts'
import type {ImportedFunction} from './module-bytes.ts'

/** 16 times the same byte each, in the kernel's memory: what they are for. */
export const byteVectors = {
  /** Exclusive or with it puts the quote below the space, and both next to the control characters. */
  quoteBit: 2,
  /** Above the quote then, and above control characters and all but ASCII. */
  aboveQuote: 0x21,
  backslash: 0x5c,
  /** Added to a digit gives the highest numbers that a signed byte holds. */
  digitsUp: 0x46,
  belowDigits: 0x75,
  point: 0x2e,
} as const
type ByteVector = keyof typeof byteVectors

/** Functions of the kernel (assembly/index.ts), by number. */
export const kernelCalls = [
  {name: 'textStop', parameterCount: 1},
  {name: 'skippedTextEnd', parameterCount: 1},
  {name: 'neededTextEnd', parameterCount: 2},
  {name: 'skippedNumberEnd', parameterCount: 1},
  {name: 'neededNumberEnd', parameterCount: 2},
  {name: 'skippedValueEnd', parameterCount: 1},
  {name: 'neededValueEnd', parameterCount: 3},
] as const satisfies readonly ImportedFunction[]
export type KernelCall = (typeof kernelCalls)[number]['name']

/** Offsets and sizes that the code needs to know, all in bytes. */
export interface LineLayout {
  /** From the area of one line to the next. */
  readonly areaBytes: number
  /** Lines of a lane: so far are the areas and ends of two lanes apart. */
  readonly laneLines: number
  /** Where the vectors lie, one behind the other. */
  readonly vectorsAt: number
}

export class LineCode {
  readonly code = new Code(4)
  readonly laneCount: number
  readonly #layout: LineLayout
  readonly #vectors: Record<ByteVector, number>
  readonly #at: readonly number[]
  readonly #scratch = new Map<string, number>()
  #notUsual: Label | undefined

  constructor(laneCount: number, layout: LineLayout) {
    this.laneCount = laneCount
    this.#layout = layout
    const {code} = this
    this.#at = Array.from({length: laneCount}, () => code.local(i32))
    const names = Object.keys(byteVectors) as ByteVector[]
    this.#vectors = Object.fromEntries(names.map(name => [name, code.local(v128)])) as Record<ByteVector, number>
  }

  /** Begins a row of lines. Parameters: where the lanes stand (place and end, a word each), the area, the place for the ends, its end. */
  begin(): Label {
    const {code} = this
    for (const [index, local] of Object.values(this.#vectors).entries())
      code
        .number(this.#layout.vectorsAt + index * 16)
        .access('v128Load')
        .set(local)
    for (const [lane, at] of this.#at.entries())
      code
        .get(parameters.lanes)
        .access('i32Load', lane * 8)
        .set(at)
    this.#notUsual = code.block()
    const row = code.loop()
    code.get(parameters.ends).get(parameters.endsTo).do('i32GeU')
    this.leaveIf()
    for (const [lane, at] of this.#at.entries()) {
      code
        .get(at)
        .get(parameters.lanes)
        .access('i32Load', lane * 8 + 4)
        .do('i32GeU')
      this.leaveIf()
    }
    return row
  }

  /** Ends a row: all its lines are read. */
  end(row: Label): void {
    const {code} = this
    const {laneLines, areaBytes} = this.#layout
    for (const [lane, at] of this.#at.entries()) {
      code
        .get(parameters.lanes)
        .get(at)
        .access('i32Store', lane * 8)
      code
        .get(parameters.ends)
        .get(at)
        .access('i32Store', lane * laneLines * 4)
    }
    code.get(parameters.ends).number(4).do('i32Add').set(parameters.ends)
    code.get(parameters.area).number(areaBytes).do('i32Add').set(parameters.area)
    code.branch(row).end().end().get(parameters.ends)
  }

  /** Leaves the row if the number on the stack is not 0. */
  leaveIf(): void {
    this.code.branchIf(this.#notUsual!)
  }

  vector(name: ByteVector): number {
    return this.#vectors[name]
  }

  /** A local for what is needed within one value. */
  scratch(name: string, type: typeof i32 | typeof i64 | typeof v128): number {
    const known = this.#scratch.get(name)
    if (known !== undefined) return known
    const local = this.code.local(type)
    this.#scratch.set(name, local)
    return local
  }

  /** The local that says where a lane stands. */
  at(lane: number): number {
    return this.#at[lane]!
  }

  /** Puts the address on the stack that `slotOffset` is an offset from. */
  area(): void {
    this.code.get(parameters.area)
  }

  /** From the address that `area` gives. */
  slotOffset(lane: number, slot: number): number {
    return lane * this.#layout.laneLines * this.#layout.areaBytes + slot
  }

  /** Moves a lane on. */
  advance(lane: number, bytes: number): void {
    this.code.get(this.at(lane)).number(bytes).do('i32Add').set(this.at(lane))
  }

  call(name: KernelCall): void {
    this.code.call(kernelCalls.findIndex(one => one.name === name))
  }
}

const parameters = {lanes: 0, area: 1, ends: 2, endsTo: 3} as const
