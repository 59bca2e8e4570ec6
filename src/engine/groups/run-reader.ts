import {assert} from '../../base/index.ts'
import {ByteCursor} from '../bytes/index.ts'
import {decodeKey} from './key-builder.ts'
import {keyTextBytes} from './limits.ts'
import {blockHeaderBytes, damagedRun, openBlock} from './run-format.ts'

/** Where a run comes from: its blocks as the sink of `writeRun` got them, then undefined. A block is valid until the next read. */
export interface RunSource {
  read(): Uint8Array | undefined
}

/** A run that is held in memory. */
export function sourceOfBlocks(blocks: Iterable<Uint8Array>): RunSource {
  const iterator = blocks[Symbol.iterator]()
  return {read: () => iterator.next().value as Uint8Array | undefined}
}

/**
 * Reads a run record by record. After `advance` has returned true, the key is at keyStart..keyEnd-1 of `block` and the
 * states from there to statesEnd-1, until the next advance.
 */
export class RunReader {
  readonly #source: RunSource
  readonly #cursor = new ByteCursor()
  #blockIndex = 0
  #recordsLeft = 0
  #isLast = false
  /** Bytes textStart..textEnd-1 of the block, a character each: one call into native code for many keys. */
  #text = ''
  #textStart = 0
  #textEnd = 0
  block: Uint8Array = new Uint8Array(0)
  keyStart = 0
  keyEnd = 0
  statesEnd = 0

  constructor(source: RunSource) {
    this.#source = source
  }

  /**
   * @returns false at the end of the run
   * @throws UserError SPILL_FAILED when the run is cut off or damaged
   */
  advance(): boolean {
    while (this.#recordsLeft === 0) {
      if (this.#isLast) return false
      this.#openNext()
    }
    this.#recordsLeft--
    this.#cursor.seek(this.statesEnd, this.block.length)
    const keyLength = this.#cursor.varint()
    const statesLength = this.#cursor.varint()
    this.keyStart = this.#cursor.skip(keyLength)
    this.keyEnd = this.#cursor.skip(statesLength)
    this.statesEnd = this.#cursor.position
    return true
  }

  #openNext(): void {
    const block = this.#source.read()
    if (block === undefined) throw damagedRun(`it ends after ${this.#blockIndex} blocks, before its last one`)
    const {records, isLast} = openBlock(block, this.#blockIndex++)
    this.block = block
    this.#cursor.open(block, blockHeaderBytes)
    this.statesEnd = blockHeaderBytes
    this.#recordsLeft = records
    this.#isLast = isLast
    this.#textEnd = 0
  }

  /** A view of the key. */
  key(): Uint8Array {
    return this.block.subarray(this.keyStart, this.keyEnd)
  }

  /** The parts of the key, of which there are `count`. Nearly all keys are plain ASCII, whose bytes are their characters. */
  keyParts(count: number): string[] {
    if (this.keyEnd > this.#textEnd) this.#readText()
    const block = this.block
    const parts = new Array<string>(count)
    let part = 0
    let start = this.keyStart
    for (let at = start; at < this.keyEnd; at++) {
      const byte = block[at]!
      if (byte === 0) {
        parts[part++] = this.#text.slice(start - this.#textStart, at - this.#textStart)
        start = at + 1
      } else if (byte === 1 || byte > 0x7f) return decodeKey(this.key())
    }
    assert(part === count && start === this.keyEnd, 'a key has as many parts as its keyset')
    return parts
  }

  #readText(): void {
    const {block, keyStart, keyEnd} = this
    const end = Math.min(Math.max(keyStart + keyTextBytes, keyEnd), block.length)
    this.#text = Buffer.from(block.buffer, block.byteOffset, block.length).toString('latin1', keyStart, end)
    this.#textStart = keyStart
    this.#textEnd = end
  }

  /** A view of the states. */
  states(): Uint8Array {
    return this.block.subarray(this.keyEnd, this.statesEnd)
  }

  /** A reader at the states; the same one each time. */
  openStates(): ByteCursor {
    this.#cursor.seek(this.keyEnd, this.statesEnd)
    return this.#cursor
  }
}

/** Orders readers by the keys they stand at. */
export function compareReaders(a: RunReader, b: RunReader): number {
  const x = a.block
  const y = b.block
  const xLength = a.keyEnd - a.keyStart
  const yLength = b.keyEnd - b.keyStart
  const length = Math.min(xLength, yLength)
  for (let index = 0; index < length; index++) {
    const difference = x[a.keyStart + index]! - y[b.keyStart + index]!
    if (difference !== 0) return difference
  }
  return xLength - yLength
}
