/** The kernel of one scanner: its groups, from the first part of the input to the last. */
import {assert} from '../../base/index.ts'
import {compileZoneRange, type Parts} from '../../rules/index.ts'
import {emptyAccount} from '../account.ts'
import type {Account} from '../contracts.ts'
import {type CodedRun, sealBlock} from '../groups/index.ts'
import {parseRecords} from '../readers/index.ts'
import {codedGroups} from './coded-groups.ts'
import {HostMemory} from './host-memory.ts'
import {hostTransforms} from './host-transforms.ts'
import {type HostValue, hostValueOf} from './host-value.ts'
import {type KernelExports, openInstance} from './instance.ts'
import {zonesOf} from './kernel-fields.ts'
import type {KernelFormat} from './kernel-format.ts'
import type {KernelPlan} from './kernel-plan.ts'
import {cellGroupsMin, codedGroupsMin, groupBytesMax, overBudgetBytes} from './limits.ts'
import {columnBytes, noColumn, planImage} from './plan-image.ts'
import {type UsualOptions, UsualReader} from './usual-line/usual-reader.ts'

export interface KernelOptions {
  readonly plan: KernelPlan
  /** Bytes that groups and hash tables may take before they are written out; groupBytesMax at most. */
  readonly budgetBytes: number
  /** Groups of a table past which keys of several parts may become codes, by default codedGroupsMin; 0: they do after the first batch. */
  readonly codesFrom?: number
  /** Groups of a table of codes past which they may become cells, by default cellGroupsMin; 0: they do after the next batch. */
  readonly cellsFrom?: number
  /** As for GroupEmitter. */
  readonly writeRun: (table: number, write: (sink: (block: Uint8Array) => void) => void) => void
  /** Takes tables as coded runs where that can be done; left out: none. */
  readonly coded?: CodedRuns | undefined
  /** How code is made for lines that look alike. */
  readonly usual?: UsualOptions | undefined
}

export interface CodedRuns {
  /** Bytes that a coded run of that table may take now. */
  readonly bytesMax: (table: number) => number
  /** It is for other threads, too. */
  readonly isShared: boolean
  readonly take: (table: number, run: CodedRun) => void
}

/** One line of the kernel's memory, and its number in the part. */
export interface SmallRecordLine {
  readonly from: number
  readonly to: number
  readonly line: number
}

/** Where the lines go that do not end in the kernel's groups, in their order. */
export interface LineTargets {
  /** For lines that are not for the kernel. */
  readonly pass: (lines: PassedLines) => void
  /** For what a plan with `records` makes of a line. */
  readonly record: (parts: Parts, line: SmallRecordLine) => void
}

/** Lines that the kernel leaves to the row path: bytes from..to-1 of its memory, the first of them being line number `line` of the part. */
export interface PassedLines {
  readonly from: number
  readonly to: number
  readonly line: number
}

/**
 * How far a scan came: to the end; or to a record of CSV that is `open` at the end of the bytes given, or `stuck`: only the row path
 * can follow it, which also says where it ends.
 */
export interface ScanEnd {
  readonly at: number
  readonly reason: 'end' | 'open' | 'stuck'
}

const stopReasons: readonly ScanEnd['reason'][] = ['end', 'open', 'stuck']

/**
 * A WebAssembly instance with the plan in its memory. Its input lies in `memory` from `inputStart` on, at most `inputBytes`; for each
 * part `beginPart`, then `scan`, and `takeCounts` for what became of the lines. Groups outlive parts: `writeRuns` writes what is left
 * of them. Nothing to close: the memory goes with the object.
 */
export class Kernel {
  readonly #options: KernelOptions
  readonly #budgetBytes: number
  readonly #wasm: KernelExports
  readonly #dropCounters: readonly {readonly label: string; readonly at: number}[]
  /** Keysets, and behind them the tables that count values: as ../tables.ts numbers them. */
  readonly #tableCount: number
  readonly #columnsAt: number
  /** Of formats whose lines it makes code for. */
  readonly #usual: UsualReader | undefined
  readonly #memory: HostMemory

  constructor(options: KernelOptions) {
    this.#options = options
    this.#budgetBytes = Math.min(options.budgetBytes, groupBytesMax)
    this.#tableCount = options.plan.keysets.reduce((count, {counted}) => count + 1 + counted.length, 0)
    const transforms = hostTransforms(options.plan.derived)
    const zones = zonesOf(options.plan.derived).map(zone => compileZoneRange(zone))
    const write = (value: HostValue | undefined): number => this.#memory.write(value, resultAt, resultBytes)
    const wasm = openInstance({
      transform: (id, kind, start, length) => write(transforms[id]!(kind, this.#memory.text(start, length))),
      number: value => write(hostValueOf(value)),
      zone: (zone, seconds) => {
        const {from, to, offset} = zones[zone - 1]!(seconds)
        for (const [index, number] of [from, to, offset].entries())
          this.#memory.words.setBigInt64(resultAt + index * 8, BigInt(number), true)
      },
    })
    this.#wasm = wasm
    this.#memory = new HostMemory(wasm.memory)
    wasm.prepare()
    const resultAt = wasm.resultAddress()
    const resultBytes = wasm.resultCapacity()
    const base = wasm.planAddress()
    const {bytes, dropCounters, columnsAt, lines} = planImage(options.plan, base)
    assert(bytes.length <= wasm.planCapacity(), `a plan takes at most ${wasm.planCapacity()} bytes in the kernel`)
    this.memory.set(bytes, base)
    this.#dropCounters = dropCounters.map(({label, at}) => ({label, at: at + base}))
    this.#columnsAt = columnsAt + base
    const {codesFrom = codedGroupsMin, cellsFrom = cellGroupsMin} = options
    wasm.open(this.#budgetBytes + overBudgetBytes, codesFrom, cellsFrom)
    if (options.plan.format.format === 'json') this.#usual = new UsualReader(wasm, lines, options.usual)
  }

  get format(): KernelFormat {
    return this.#options.plan.format
  }

  /** Tells which names the fields of the records to come have, in their order. Of two with one name the last one counts. */
  setNames(names: readonly string[]): void {
    const places = new Map(names.map((name, place) => [name, place]))
    const {words} = this.#memory
    for (const [index, {segments}] of this.#options.plan.fields.entries())
      words.setInt32(this.#columnsAt + index * columnBytes, places.get(segments[0]!) ?? noColumn, true)
  }

  /** Bytes of groups and hash tables. */
  get bytes(): number {
    return this.#wasm.bytes() >>> 0
  }

  /** The whole memory. Views of it are good until lines are scanned. */
  get memory(): Uint8Array {
    return this.#memory.bytes
  }

  /** Where input goes, in `memory`. */
  get inputStart(): number {
    return this.#wasm.inputAddress()
  }

  get inputBytes(): number {
    return this.#wasm.inputCapacity()
  }

  /** Lines of this part so far. */
  get lines(): number {
    return this.#wasm.lineCount() >>> 0
  }

  /** Lines that code for usual lines has read, of all parts; those that were read again are counted twice. */
  get usualLines(): number {
    return this.#wasm.usualCount() >>> 0
  }

  beginPart(): void {
    this.#wasm.beginPart()
  }

  /** Counts lines that were read by somebody else. */
  addLines(count: number): void {
    this.#wasm.addLines(count)
  }

  /**
   * Reads the lines in from..to-1 of the memory, which ends with a newline.
   *
   * @returns an end before `to` for CSV only
   */
  scan(from: number, to: number, targets: LineTargets): ScanEnd {
    this.#usual?.before(this.memory.subarray(from, to))
    let at = from
    while (at < to) {
      at = this.#wasm.scan(at, to)
      this.#handOn(targets)
      if (this.#wasm.mustWrite() !== 0 || this.bytes > this.#budgetBytes) this.writeRuns()
      const reason = stopReasons[this.#wasm.stopReason()]!
      if (reason !== 'end') return {at, reason}
    }
    return {at, reason: 'end'}
  }

  /** Lines and records come in the order of their lines, as the row path would read them. */
  #handOn({pass, record}: LineTargets): void {
    const rangeCount = this.#wasm.rangeCount()
    const records = this.#records()
    const linesAt = this.#wasm.recordLinesAddress()
    let next = 0
    const recordsBefore = (line: number): void => {
      for (; next < records.length; next++) {
        const from = this.#lines(linesAt, next)
        if (from.line >= line) return
        record(records[next]!, from)
      }
    }
    const ranges = this.#wasm.rangesAddress()
    for (let index = 0; index < rangeCount; index++) {
      const range = this.#lines(ranges, index)
      recordsBefore(range.line)
      pass(range)
    }
    recordsBefore(Number.POSITIVE_INFINITY)
  }

  #records(): readonly Parts[] {
    if (this.#wasm.recordCount() === 0) return []
    const start = this.#wasm.recordsAddress()
    return parseRecords(this.memory.subarray(start, start + this.#wasm.recordBytes()))
  }

  /** Number `index` of a list of lines. */
  #lines(list: number, index: number): PassedLines {
    const {words} = this.#memory
    const at = list + index * 12
    return {
      from: words.getUint32(at, true),
      to: words.getUint32(at + 4, true),
      line: words.getUint32(at + 8, true),
    }
  }

  /** What was counted since the last call, as an account without bytes. */
  takeCounts(): Account {
    const account = emptyAccount()
    const wasm = this.#wasm
    account.used = wasm.usedCount()
    const noKey = wasm.noKeyCount()
    const filtered = wasm.filteredCount()
    account.filtered = noKey + filtered
    account.in = account.used + account.filtered
    if (filtered > 0) account.filteredByReason['preprocess'] = filtered
    if (noKey > 0) account.filteredByReason['key part missing'] = noKey
    wasm.clearCounts()
    const {words} = this.#memory
    for (const {label, at} of this.#dropCounters) {
      const count = Number(words.getBigUint64(at, true))
      if (count === 0) continue
      account.dropped[label] = (account.dropped[label] ?? 0) + count
      words.setBigUint64(at, 0n, true)
    }
    return account
  }

  /** Writes all groups away, as sorted runs, and forgets them. */
  writeRuns(): void {
    for (let table = 0; table < this.#tableCount; table++) {
      if (this.#wasm.groupCount(table) === 0) continue
      this.#wasm.beginRun(table)
      const coded = this.#codedRun(table)
      if (coded === undefined) this.#options.writeRun(table, sink => this.#writeRun(table, sink))
      else this.#options.coded!.take(table, coded)
    }
    this.#wasm.clear()
  }

  #codedRun(table: number): CodedRun | undefined {
    const {coded, plan} = this.#options
    // Tables behind those of keysets count values, and their keys are no codes.
    const keyset = plan.keysets[table]
    const bytesMax = coded?.bytesMax(table) ?? 0
    if (coded === undefined || keyset === undefined || bytesMax === 0) return undefined
    return codedGroups({
      ...{wasm: this.#wasm, memory: () => this.memory, table, keyset, bytesMax},
      isShared: coded.isShared,
    })
  }

  #writeRun(table: number, sink: (block: Uint8Array) => void): void {
    const wasm = this.#wasm
    for (let index = 0, isLast = false; !isLast; index++) {
      const bytes = wasm.writeBlock(table)
      // A record that needs more room than there was has moved the block, and perhaps the memory.
      const start = wasm.blockAddress()
      const block = this.memory.subarray(start, start + bytes)
      isLast = wasm.isRunEnd(table) !== 0
      sealBlock(block, index, {records: wasm.blockRecords(), isLast})
      sink(block)
    }
  }
}
