/** Bytes as text, and the few byte values that readers look for. */
import {badTextCharsMax} from './limits.ts'

export const newlineByte = 0x0a
export const returnByte = 0x0d
export const quoteCode = 0x22
export const braceCode = 0x7b

/** The same memory as a Buffer, whose searching and decoding are native. */
export function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** One character a byte, whatever the encoding: exact for ASCII, and for finding ASCII characters in UTF-8. */
export function latin1(bytes: Buffer, start = 0, end: number = bytes.length): string {
  return bytes.toString('latin1', start, end)
}

/** For bytes that were found to be UTF-8: replacement characters stand for what is not. */
export function utf8(bytes: Buffer, start = 0, end: number = bytes.length): string {
  return bytes.toString('utf8', start, end)
}

/** A view of the same memory. For the first bytes of an input: elsewhere the mark is text. */
export function withoutByteOrderMark(bytes: Buffer): Buffer {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes
}

/** A bad record's text: its beginning, without line end, with replacement characters for what is not UTF-8. */
export function badText(record: Buffer | string): string {
  const text =
    typeof record === 'string' ? record.slice(0, badTextCharsMax) : record.toString('utf8', 0, badTextCharsMax)
  let end = text.length
  if (text.charCodeAt(end - 1) === newlineByte) end--
  if (text.charCodeAt(end - 1) === returnByte) end--
  return text.slice(0, end)
}
