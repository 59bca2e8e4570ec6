import {ByteBuffer} from '../bytes/index.ts'
import {runBlockBytes} from './limits.ts'
import {blockHeaderBytes, sealBlock} from './run-format.ts'

/** Takes a run's blocks in order; a block is valid during the call. */
export type BlockSink = (block: Uint8Array) => void

/** Writes records, given in key order, as a run. `end` writes the last block. */
export class RunWriter {
  readonly #sink: BlockSink
  readonly #block = new ByteBuffer(runBlockBytes + 4096)
  readonly #header = new Uint8Array(blockHeaderBytes)
  #records = 0
  #blockIndex = 0

  constructor(sink: BlockSink) {
    this.#sink = sink
    this.#begin()
  }

  add(key: Uint8Array, states: Uint8Array): void {
    // A record longer than a block makes a longer block of its own.
    if (this.#records > 0 && this.#block.length + key.length + states.length > runBlockBytes) this.#flush(false)
    this.#block.varint(key.length)
    this.#block.varint(states.length)
    this.#block.raw(key)
    this.#block.raw(states)
    this.#records++
  }

  end(): void {
    this.#flush(true)
  }

  #begin(): void {
    this.#block.clear()
    this.#block.raw(this.#header)
    this.#records = 0
  }

  #flush(isLast: boolean): void {
    const block = this.#block.view()
    sealBlock(block, this.#blockIndex++, {records: this.#records, isLast})
    this.#sink(block)
    this.#begin()
  }
}
