/** The end of what a worker printed: told when it dies, or is no longer understood. */
import {printableLines} from '../../base/index.ts'
import {lastWordsKeptBytes} from './limits.ts'

/** Bounded: the beginning is dropped. */
export class LastWords {
  #words = Buffer.alloc(0)

  keep(bytes: Buffer): void {
    const tail = bytes.subarray(-lastWordsKeptBytes)
    this.#words = Buffer.concat([this.#words, tail]).subarray(-lastWordsKeptBytes)
  }

  /** Behind a sentence; empty when nothing was said. */
  get text(): string {
    const text = printableLines(this.#words.toString().trim())
    return text === '' ? '' : `. Last words:\n${text}`
  }
}
