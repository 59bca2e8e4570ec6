/** One pair as runs hold it: key bytes, origin, sequence, values. */
import {ByteBuffer} from '../bytes/index.ts'
import {runBlockBytes} from './limits.ts'
import type {BufferedPair} from './pair-buffer.ts'
import type {WriteBlocks} from './runs.ts'
import {writeValues} from './value-codec.ts'

/** Makes entries, one after the other, in a buffer of its own. */
export class EntryWriter {
  readonly #out = new ByteBuffer()

  /** @returns a pair whose `entry` the next call overwrites; @throws RangeError when a value is nested too deeply */
  write(
    partition: number,
    keyBytes: Uint8Array,
    origin: number,
    sequence: number,
    values: readonly unknown[],
  ): BufferedPair {
    const out = this.#out
    out.clear()
    out.bytes(keyBytes)
    const keyStart = out.length - keyBytes.length
    out.varint(origin)
    out.varint(sequence)
    writeValues(out, values)
    return {partition, origin, sequence, keyStart, keyLength: keyBytes.length, entry: out.view()}
  }
}

/** Gathers entries into blocks: a few large writes instead of many small ones. */
export class BlockWriter {
  readonly #sink: Parameters<WriteBlocks>[0]
  readonly #block = new Uint8Array(runBlockBytes)
  #used = 0

  constructor(sink: Parameters<WriteBlocks>[0]) {
    this.#sink = sink
  }

  add(entry: Uint8Array): void {
    if (this.#used + entry.length > runBlockBytes) this.flush()
    if (entry.length > runBlockBytes) {
      this.#sink(entry)
      return
    }
    this.#block.set(entry, this.#used)
    this.#used += entry.length
  }

  flush(): void {
    if (this.#used > 0) this.#sink(this.#block.subarray(0, this.#used))
    this.#used = 0
  }
}
