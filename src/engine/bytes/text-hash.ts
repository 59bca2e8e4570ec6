/**
 * 64-bit hash of text in two 32-bit lanes, for counting distinct texts.
 *
 * Defined on the UTF-8 bytes (lone surrogates as U+FFFD), four at a time as little-endian words, the last word filled up
 * with zeros; the length goes into the end. Each step turns the 64-bit state one-to-one, so texts that differ in one
 * word never meet before the end. 32-bit multiplication only, so that any engine can compute the same.
 */
export class TextHash {
  high = 0
  low = 0
  readonly #encoder = new TextEncoder()
  #scratch = new Uint8Array(256)

  /** Sets `high` and `low`, both unsigned. */
  of(text: string): void {
    const length = text.length
    let a = seedA
    let b = seedB
    let index = 0
    for (; index + 4 <= length; index += 4) {
      const c0 = text.charCodeAt(index)
      const c1 = text.charCodeAt(index + 1)
      const c2 = text.charCodeAt(index + 2)
      const c3 = text.charCodeAt(index + 3)
      if ((c0 | c1 | c2 | c3) > 0x7f) {
        this.#ofEncoded(text)
        return
      }
      const word = c0 | (c1 << 8) | (c2 << 16) | (c3 << 24)
      a = (Math.imul(rotate15(a ^ word), multiplierA) + b) | 0
      b = Math.imul(rotate13(b ^ word), multiplierB) ^ a
    }
    let word = 0
    for (let shift = 0; index < length; index++, shift += 8) {
      const code = text.charCodeAt(index)
      if (code > 0x7f) {
        this.#ofEncoded(text)
        return
      }
      word |= code << shift
    }
    a = (Math.imul(rotate15(a ^ word), multiplierA) + b) | 0
    b = Math.imul(rotate13(b ^ word), multiplierB) ^ a
    this.#finish(a, b, length)
  }

  #ofEncoded(text: string): void {
    if (this.#scratch.length < text.length * 3) this.#scratch = new Uint8Array(text.length * 3)
    const bytes = this.#scratch
    const length = this.#encoder.encodeInto(text, bytes).written
    let a = seedA
    let b = seedB
    // One word more than there are whole ones, as above, even when it is empty.
    for (let index = 0; index <= length; index += 4) {
      let word = 0
      for (let offset = Math.min(4, length - index) - 1; offset >= 0; offset--)
        word = (word << 8) | bytes[index + offset]!
      a = (Math.imul(rotate15(a ^ word), multiplierA) + b) | 0
      b = Math.imul(rotate13(b ^ word), multiplierB) ^ a
    }
    this.#finish(a, b, length)
  }

  #finish(a: number, b: number, length: number): void {
    const high = mixed(a ^ length)
    const low = mixed((b + high) | 0)
    this.high = mixed((high + low) | 0) >>> 0
    this.low = low >>> 0
  }
}

const seedA = 0x2545f491
const seedB = 0x1b873593 ^ 0x5bd1e995
const multiplierA = 0x9e3779b1 | 0
const multiplierB = 0x85ebca77 | 0

function rotate15(x: number): number {
  return (x << 15) | (x >>> 17)
}

function rotate13(x: number): number {
  return (x << 13) | (x >>> 19)
}

/** Spreads every bit over all 32, one-to-one. */
export function mixed(x: number): number {
  let h = x
  h = Math.imul(h ^ (h >>> 16), 0x7feb352d)
  h = Math.imul(h ^ (h >>> 15), 0x846ca68b | 0)
  return h ^ (h >>> 16)
}
