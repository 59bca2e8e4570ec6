/** One instance of the kernel's WebAssembly module, typed. */
import {kernelWasm} from '../../generated/kernel.ts'

/** What assembly/index.ts exports. Addresses are offsets in `memory`; what returns a boolean returns 0 or 1. */
export interface KernelExports {
  readonly memory: {readonly buffer: ArrayBuffer}
  readonly table: {readonly length: number; grow(count: number): number; set(place: number, item: unknown): void}
  prepare(): void
  planAddress(): number
  planCapacity(): number
  inputAddress(): number
  inputCapacity(): number
  resultAddress(): number
  resultCapacity(): number
  rangesAddress(): number
  blockAddress(): number
  /**
   * @param bytesMax - of groups, past which a scan stops
   * @param codesFrom - groups of a table, past which keys may become codes
   * @param cellsFrom - groups of a table whose keys are codes, past which they may become cells
   */
  open(bytesMax: number, codesFrom: number, cellsFrom: number): void
  clear(): void
  bytes(): number
  groupCount(table: number): number
  beginPart(): void
  scan(from: number, to: number): number
  stopReason(): number
  lineCount(): number
  addLines(count: number): void
  rangeCount(): number
  mustWrite(): number
  usedCount(): number
  noKeyCount(): number
  filteredCount(): number
  clearCounts(): void
  recordCount(): number
  recordBytes(): number
  recordsAddress(): number
  recordLinesAddress(): number
  beginRun(table: number): void
  /** Returns bytes; the block is at blockAddress then, and the memory may have moved. */
  writeBlock(table: number): number
  blockRecords(): number
  isRunEnd(table: number): number
  /** Of coded runs (coded-groups.ts), after beginRun. */
  hasCodes(table: number): number
  writeTexts(table: number, part: number): number
  textsAddress(): number
  textCount(table: number, part: number): number
  placeShift(table: number, part: number): number
  placeBits(table: number, part: number): number
  valueScale(table: number, value: number): number
  writeEntries(table: number, first: number, last: number, bytes: number): void
  entriesAddress(): number
  countBits(): number
  totalBits(): number
  /** Where what generated code needs of vectors lies. */
  usualVectors(): number
  setUsual(lanes: number, lanesPlace: number, lanePlace: number, bits: bigint): void
  /** Fields that are a text or a number in every usual line, and those that are a number or absent. */
  setUsualFields(present: bigint, numeric: bigint): void
  /** Where the table of long usual lines goes, and by how many of its entries they are read. */
  usualTable(): number
  setTable(entryCount: number, bits: bigint): void
  usualCount(): number
}

/** Of the language's WebAssembly, which the compiler's library declares only for browsers: what is used here. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (module: object, imports: object) => {readonly exports: unknown}
}

/** What the kernel asks while it scans. Answers that are more than a number go to resultAddress. */
export interface KernelHost {
  /** A derived field's value from its source's kind and text. Returns a kind. */
  readonly transform: (id: number, kind: number, start: number, length: number) => number
  /** A number's text. Returns a kind. */
  readonly number: (value: number) => number
  /** For how long a zone (by number, from 1 on) keeps the offset that it has at an instant, in seconds since 1970. */
  readonly zone: (zone: number, seconds: number) => void
}

/** Functions for the kernel's table (usual-line/usual-code.ts). */
export interface GeneratedExports {
  readonly readLanes: unknown
  readonly readLane: unknown
}

/** Compiles a generated module that works on the kernel's memory and calls its functions. */
export function openGenerated(code: Uint8Array, kernel: KernelExports): GeneratedExports {
  return new WebAssembly.Instance(new WebAssembly.Module(code), {kernel}).exports as GeneratedExports
}

/** Compiles and starts the module: a few milliseconds. */
export function openInstance(host: KernelHost): KernelExports {
  const module = new WebAssembly.Module(Buffer.from(kernelWasm, 'base64'))
  return new WebAssembly.Instance(module, {host}).exports as KernelExports
}
