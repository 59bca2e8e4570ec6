/**
 * Writes the lines of one generated file.
 *
 * Lines are "binary strings", one character per UTF-8 byte (see scripts/ad-logs.mjs): copied out without an encoder.
 */
import {closeSync, openSync, writeSync} from 'node:fs'

/** Characters collected before a write: large enough that system calls cost nothing. */
const writeLength = 4 * 1024 * 1024

/**
 * Writes whole lines until the file has `bytes` or more, or `nextLine` has no more of them.
 *
 * @param {() => string | undefined} nextLine - a line without its newline
 */
export function writeLines(path, bytes, nextLine) {
  const file = openSync(path, 'w')
  try {
    let text = ''
    let written = 0
    for (let line = nextLine(); line !== undefined; line = nextLine()) {
      text += `${line}\n`
      if (text.length < writeLength && written + text.length < bytes) continue
      writeSync(file, Buffer.from(text, 'latin1'))
      written += text.length
      text = ''
      if (written >= bytes) return
    }
    writeSync(file, Buffer.from(text, 'latin1'))
  } finally {
    closeSync(file)
  }
}

/** JSON text of a value as a binary string. */
export function jsonBytes(value) {
  return Buffer.from(JSON.stringify(value)).latin1Slice()
}

/** JSON text of a string with every character outside ASCII, and the slash, as an escape: the same value in other bytes. */
export function escapedJson(text) {
  return JSON.stringify(text)
    .replace(/[\u0080-\uffff]/g, unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .replaceAll('/', '\\/')
}
