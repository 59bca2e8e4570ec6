import {latin1, newlineByte, returnByte, utf8} from './bytes.ts'
import type {LineBlocks} from './line-feed.ts'

/**
 * Hands out lines as text, without line end (LF or CRLF).
 *
 * Each line is decoded by itself: a field cut out of it keeps alive that line, not the whole block, for whoever holds on to it.
 */
export class TextLines implements LineBlocks {
  readonly #readLine: (text: string, line: number) => void

  constructor(readLine: (text: string, line: number) => void) {
    this.#readLine = readLine
  }

  read(bytes: Buffer, isAscii: boolean, line: number): number {
    // One character a byte, whatever the encoding: only for finding line ends.
    const raw = latin1(bytes)
    let at = line
    for (let start = 0; start < raw.length; at++) {
      const newline = raw.indexOf('\n', start)
      const next = newline < 0 ? raw.length : newline + 1
      let end = next
      if (raw.charCodeAt(end - 1) === newlineByte) end--
      if (end > start && raw.charCodeAt(end - 1) === returnByte) end--
      this.#readLine(isAscii ? latin1(bytes, start, end) : utf8(bytes, start, end), at)
      start = next
    }
    return at - line
  }
}

/** True for a line of white space only. */
export function isBlank(text: string): boolean {
  return !(text.charCodeAt(0) > 0x20) && text.trim() === ''
}
