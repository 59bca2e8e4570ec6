/** Writing to standard output at the pace of whoever reads it, and to standard error. */
import type {Writable} from 'node:stream'
import {freeBytes, printableLines} from '../../base/index.ts'

/** Lines are gathered to about so many characters before they are written: a call for each line is slow. */
const gatheredMax = 1 << 16
/** The first lines come sooner, for whoever waits for them; then twice as many each time. Characters. */
const gatheredFirst = 1 << 11

/**
 * Writes pieces one after another. Those of bytes are given away: their memory is freed when the system has them.
 *
 * A write that fails ends the process by the `error` of the stream, so nothing is said of it here.
 */
export async function writeOut(
  pieces: AsyncIterable<Uint8Array | string>,
  stream: Writable = process.stdout,
): Promise<void> {
  for await (const piece of pieces) {
    await new Promise<unknown>(resolve => stream.write(piece, resolve))
    if (typeof piece !== 'string') freeBytes(piece)
  }
}

/** Writes texts as they come, several at a time; what is there is written before an error is thrown. */
export async function writeLines(lines: AsyncIterable<string>, stream: Writable = process.stdout): Promise<void> {
  await writeOut(gathered(lines), stream)
}

async function* gathered(lines: AsyncIterable<string>): AsyncGenerator<string> {
  let text = ''
  let enough = gatheredFirst
  try {
    for await (const line of lines) {
      text += line
      if (text.length < enough) continue
      yield text
      text = ''
      enough = Math.min(gatheredMax, enough * 2)
    }
  } catch (error) {
    if (text !== '') yield text
    throw error
  }
  if (text !== '') yield text
}

/** A line on standard error, safe for a terminal. */
export function note(text: string): void {
  process.stderr.write(`${printableLines(text)}\n`)
}
