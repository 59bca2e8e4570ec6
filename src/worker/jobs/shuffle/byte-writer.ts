/** Bytes one behind the other in a buffer that grows. The buffer is public: hot loops write into it after `reserve`. */
import {isUtf8} from 'node:buffer'

/** Texts up to this many units are copied unit by unit: a native call costs more. */
const shortTextLength = 32

/** Used again and again: `at` goes back, the buffer stays. */
export class ByteWriter {
  bytes: Buffer
  at = 0

  constructor(capacity: number) {
    this.bytes = Buffer.allocUnsafeSlow(capacity)
  }

  /** Makes room for `count` more bytes. */
  reserve(count: number): void {
    const needed = this.at + count
    if (needed <= this.bytes.length) return
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, Math.min(this.bytes.length * 2, 0xffff_ffff)))
    this.bytes.copy(grown, 0, 0, this.at)
    this.bytes = grown
  }

  u8(value: number): void {
    this.reserve(1)
    this.bytes[this.at++] = value
  }

  /** Seven bits a byte, low ones first; safe integers from 0. */
  varint(value: number): void {
    this.reserve(8)
    let rest = value
    while (rest > 0x7f) {
      this.bytes[this.at++] = (rest % 128) | 0x80
      rest = rest > 0x7fffffff ? Math.floor(rest / 128) : rest >>> 7
    }
    this.bytes[this.at++] = rest
  }

  raw(value: Uint8Array): void {
    this.reserve(value.length)
    this.bytes.set(value, this.at)
    this.at += value.length
  }

  /** UTF-8 without a length. Lone surrogates are written as if they were characters (three bytes each), so that texts that differ have bytes that differ. */
  text(text: string): void {
    const length = text.length
    this.reserve(length * 3)
    const {bytes, at} = this
    if (length <= shortTextLength) {
      let index = 0
      for (; index < length; index++) {
        const code = text.charCodeAt(index)
        if (code > 0x7f) break
        bytes[at + index] = code
      }
      if (index === length) {
        this.at = at + length
        return
      }
    }
    if (text.isWellFormed()) this.at += bytes.write(text, at, 'utf8')
    else this.#brokenText(text)
  }

  #brokenText(text: string): void {
    for (const character of text) {
      const code = character.codePointAt(0)!
      if (code >= 0xd800 && code <= 0xdfff) {
        this.bytes[this.at++] = 0xe0 | (code >> 12)
        this.bytes[this.at++] = 0x80 | ((code >> 6) & 0x3f)
        this.bytes[this.at++] = 0x80 | (code & 0x3f)
      } else {
        this.at += this.bytes.write(character, this.at, 'utf8')
      }
    }
  }
}

/** What `ByteWriter.text` wrote. */
export function readText(bytes: Buffer, start: number, end: number): string {
  const text = bytes.toString('utf8', start, end)
  return text.includes('\ufffd') && !isUtf8(bytes.subarray(start, end)) ? readBrokenText(bytes, start, end) : text
}

function readBrokenText(bytes: Buffer, start: number, end: number): string {
  let text = ''
  let from = start
  for (let at = start; at + 2 < end; at++) {
    if (bytes[at] !== 0xed || bytes[at + 1]! < 0xa0) continue
    text += bytes.toString('utf8', from, at)
    text += String.fromCharCode(0xd000 | ((bytes[at + 1]! & 0x3f) << 6) | (bytes[at + 2]! & 0x3f))
    from = at + 3
    at += 2
  }
  return text + bytes.toString('utf8', from, end)
}
