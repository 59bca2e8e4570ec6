/**
 * Takes the pairs of one run of a task and leaves one file: by label and, for stages that sort, by key; equal keys in the
 * order in which they were emitted.
 *
 *     add -> [values by key, when there is a combiner] -> sort buffer -> sorted runs on disk -> merge -> file
 *
 * What fits into the buffer goes to the file straight away. Where nothing is sorted and there is one label, so does
 * everything. The file does not depend on the size of the buffer (a combiner must be associative for that to hold).
 */
import {mkdirSync, renameSync, rmSync} from 'node:fs'
import {dirname} from 'node:path'
import {assert} from '../../../base/index.ts'
import {ByteWriter} from './byte-writer.ts'
import {CombineFront} from './combine-front.ts'
import {ShuffleFileWriter} from './file-writer.ts'
import type {Section} from './format.ts'
import {Groups} from './groups.ts'
import {writeKey} from './key-codec.ts'
import {mergeFanInMax} from './limits.ts'
import {Chain, Merge, type RecordStream} from './merge.ts'
import {PendingGroup, ValueBuffer} from './pending-group.ts'
import {type LabelOf, RecordBuffer} from './record-buffer.ts'
import {SectionCursor} from './section-cursor.ts'
import {writeValue} from './value-codec.ts'

/** Values of one key to one value; knows the author's function and its errors. */
export type Combine = (key: unknown, values: Iterable<unknown>) => unknown

export interface ShuffleWriterOptions {
  /** Becomes the file when the run succeeds; its folder, made with the first record, takes temporary files, too. */
  readonly path: string
  readonly isSorted: boolean
  readonly budgetBytes: number
  /** Blocks of the file are compressed where that saves a tenth. */
  readonly isPacked?: boolean
  /** The file survives a loss of power. One that does not is damaged after it, which its checksums tell. */
  readonly isDurable?: boolean
  /** For sorted ones. */
  readonly combine?: Combine
  /** Labels of records that come without one. Default: 0. */
  readonly labelOf?: LabelOf
}

interface Run {
  readonly path: string
  readonly sections: readonly Section[]
}

/** `add` each pair, then `finish`; after an error `abandon`. Errors of the system (a full disk) come out of `add` and `finish`. */
export class ShuffleWriter {
  readonly #options: ShuffleWriterOptions
  readonly #labelOf: LabelOf
  readonly #buffer = new RecordBuffer()
  readonly #front: CombineFront | undefined
  #runs: Run[] = []
  #runNumber = 0
  #isSingle = false
  /** Nothing has to be sorted so far: there is one label. */
  #isStraight: boolean
  /** Where it goes then, from the first record on. */
  #straight: ShuffleFileWriter | undefined
  /** The record that goes straight to it. */
  #record = new ByteWriter(1024)
  /** The text of the last key there, and where its bytes end: a group's values come one behind the other. */
  #lastKey: unknown
  #lastKeyEnd = 0
  records = 0

  constructor(options: ShuffleWriterOptions) {
    this.#options = options
    this.#labelOf = options.labelOf ?? (() => 0)
    const {combine, isSorted, budgetBytes} = options
    assert(combine === undefined || isSorted, 'values are combined while they are sorted')
    if (combine)
      this.#front = new CombineFront(combine, budgetBytes / 2, (label, key, value) => this.#store(key, value, label))
    this.#isStraight = !isSorted
  }

  /** @param label - undefined: by `labelOf`; @throws TypeError for what no key or value can be, and what the combiner throws */
  add(key: unknown, value: unknown, label?: number): void {
    this.records++
    if (this.#front?.isUseful && CombineFront.takes(key)) {
      this.#front.add(label, key, value)
      return
    }
    this.#store(key, value, label)
  }

  /** The bytes of a key that is text and likely to be added next: that of the group that is being read. */
  expect(key: unknown, keyBytes: Uint8Array): void {
    if (!this.#isStraight || typeof key !== 'string') return
    this.#record.at = 0
    this.#record.raw(keyBytes)
    this.#lastKey = key
    this.#lastKeyEnd = keyBytes.length
  }

  /**
   * Writes what is left. The file is there, whole and, when that is asked for, durable, when this returns.
   *
   * @returns its sections; none when nothing was written
   */
  finish(): readonly Section[] {
    this.#front?.flush()
    const sections = this.#finishRuns()
    assert(this.#runs.length === 1, 'one file is left')
    renameSync(this.#runs[0]!.path, this.#options.path)
    this.#runs = []
    return sections
  }

  /** Removes what there is of an unfinished file. */
  abandon(): void {
    this.#straight?.close()
    for (let number = 0; number < this.#runNumber; number++) rmSync(this.#runPath(number), {force: true})
  }

  #finishRuns(): readonly Section[] {
    const straight = this.#straight
    if (straight !== undefined) {
      this.#straight = undefined
      this.#runs = [{path: straight.path, sections: straight.finish(this.#isDurable)}]
      return this.#runs[0]!.sections
    }
    if (this.#runs.length === 0) {
      this.#isSingle = true
      this.#spill()
      return this.#runs[0]!.sections
    }
    if (this.#buffer.count > 0) this.#spill()
    while (this.#runs.length > mergeFanInMax) this.#mergePass()
    this.#runs = [this.#mergeRuns(this.#runs, true)]
    return this.#runs[0]!.sections
  }

  #store(key: unknown, value: unknown, label: number | undefined): void {
    if (this.#isStraight && this.#pass(key, value, label)) return
    const buffer = this.#buffer
    buffer.add(key, value, label, this.#labelOf)
    if (buffer.usedBytes > this.#options.budgetBytes) this.#spill()
  }

  /** @returns false when the record has another label than those in the file: that has become the first run */
  #pass(key: unknown, value: unknown, label: number | undefined): boolean {
    const record = this.#record
    if (typeof key === 'string' && key === this.#lastKey) {
      record.at = this.#lastKeyEnd
    } else {
      this.#lastKey = undefined
      record.at = 0
      writeKey(record, key)
      this.#lastKey = key
      this.#lastKeyEnd = record.at
    }
    const keyEnd = record.at
    const to = label ?? this.#labelOf(key, record.bytes, 0, keyEnd)
    writeValue(record, value)
    this.#straight ??= this.#newRun(true)
    const straight = this.#straight
    if (straight.label < 0) straight.begin(to)
    if (straight.label !== to) {
      this.#isStraight = false
      this.#straight = undefined
      this.#runs.push({path: straight.path, sections: straight.finish(false)})
      return false
    }
    straight.add(record.bytes, 0, keyEnd, record.at)
    if (record.at > recordKeptBytes) {
      this.#record = new ByteWriter(1024)
      this.#lastKey = undefined
    }
    return true
  }

  #spill(): void {
    const isLast = this.#isSingle
    const file = this.#newRun(isLast)
    try {
      const {combine, isSorted} = this.#options
      if (combine !== undefined) this.#drainCombined(file, combine)
      else {
        this.#buffer.drain(isSorted, (label, bytes, start, keyEnd, end) => {
          if (label !== file.label) file.begin(label)
          file.add(bytes, start, keyEnd, end)
        })
      }
      this.#buffer.clear()
      this.#runs.push({path: file.path, sections: file.finish(isLast && this.#isDurable)})
    } finally {
      file.close()
    }
  }

  /** Groups of the buffer with one value go on as they are; of others the combiner's value does. */
  #drainCombined(file: ShuffleFileWriter, combine: Combine): void {
    const pending = new PendingGroup(file, combine)
    this.#buffer.drain(true, (label, bytes, start, keyEnd, end) => pending.add(label, bytes, start, keyEnd, end))
    pending.flush()
  }

  /** Merges neighbours, so that the order of runs stays. */
  #mergePass(): void {
    const merged: Run[] = []
    for (let start = 0; start < this.#runs.length; start += mergeFanInMax)
      merged.push(this.#mergeRuns(this.#runs.slice(start, start + mergeFanInMax), false))
    this.#runs = merged
  }

  #mergeRuns(runs: readonly Run[], isLast: boolean): Run {
    const file = this.#newRun(isLast)
    try {
      const labels = [...new Set(runs.flatMap(run => run.sections.map(section => section.label)))].sort((a, b) => a - b)
      for (const label of labels) {
        file.begin(label)
        const sections = runs.flatMap((run, order) =>
          run.sections
            .filter(section => section.label === label)
            .map(
              ({offset, bytes}) =>
                new SectionCursor({type: 'file', name: run.path, path: run.path, offset, bytes}, order),
            ),
        )
        writeStream(file, this.#options.isSorted ? new Merge(sections) : new Chain(sections), this.#options.combine)
      }
      const sections = file.finish(isLast && this.#isDurable)
      for (const run of runs) rmSync(run.path)
      return {path: file.path, sections}
    } finally {
      file.close()
    }
  }

  get #isDurable(): boolean {
    return this.#options.isDurable ?? false
  }

  #newRun(isLast: boolean): ShuffleFileWriter {
    if (this.#runNumber === 0) mkdirSync(dirname(this.#options.path), {recursive: true, mode: 0o700})
    return new ShuffleFileWriter(this.#runPath(this.#runNumber++), isLast && (this.#options.isPacked ?? false))
  }

  #runPath(number: number): string {
    return `${this.#options.path}.part-${number}`
  }
}

/** Bytes of a record whose room is kept for the next one. */
const recordKeptBytes = 1024 * 1024

/** Writes a stream, combined where there is a combiner. Closes the stream. */
export function writeStream(file: ShuffleFileWriter, stream: RecordStream, combine: Combine | undefined): void {
  try {
    if (combine === undefined) {
      for (let record = stream.next(); record !== undefined; record = stream.next())
        file.add(record.bytes, record.keyStart, record.keyEnd, record.valueEnd)
      return
    }
    const groups = new Groups(stream)
    const value = new ValueBuffer()
    for (let values = groups.next(); values !== undefined; values = groups.next()) {
      const {bytes, end} = value.of(groups.keyBytes, combine(groups.key, values))
      file.add(bytes, 0, groups.keyBytes.length, end)
    }
  } finally {
    stream.close()
  }
}
