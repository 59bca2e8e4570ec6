import {latin1, newlineByte, returnByte, utf8} from './bytes.ts'
import type {LineBlocks} from './line-feed.ts'

/**
 * Hands out lines as text, without line end (LF or CRLF).
 *
 * Each line is decoded by itself: a field cut out of it keeps alive that line, not the whole block, for whoever holds on to it.
 */
export class TextLines implements LineBlocks {
  readonly #readLine: (text: string, line: number) => void

  readonly #isPassing: boolean

  /** @param isPassing - nobody holds on to a text: lines may be cut out of their block */
  constructor(readLine: (text: string, line: number) => void, isPassing = false) {
    this.#readLine = readLine
    this.#isPassing = isPassing
  }

  read(bytes: Buffer, isAscii: boolean, line: number): number {
    // One character a byte, whatever the encoding: only for finding line ends.
    const raw = latin1(bytes)
    const isPassing = this.#isPassing
    let at = line
    for (let start = 0; start < raw.length; at++) {
      const newline = raw.indexOf('\n', start)
      const next = newline < 0 ? raw.length : newline + 1
      let end = next
      if (raw.charCodeAt(end - 1) === newlineByte) end--
      if (end > start && raw.charCodeAt(end - 1) === returnByte) end--
      const text = !isAscii ? utf8(bytes, start, end) : isPassing ? raw.slice(start, end) : latin1(bytes, start, end)
      this.#readLine(text, at)
      start = next
    }
    return at - line
  }
}

/** True for a line of white space only. */
export function isBlank(text: string): boolean {
  return !(text.charCodeAt(0) > 0x20) && text.trim() === ''
}
