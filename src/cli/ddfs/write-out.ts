/** Writing to standard output at the pace of whoever reads it, and to standard error. */
import {printableLines} from '../../base/index.ts'

/** Lines are gathered to about so many characters before they are written: a call a line is slow. */
const gatheredMax = 1 << 16

export async function writeOut(pieces: AsyncIterable<Uint8Array | string>): Promise<void> {
  for await (const piece of pieces) {
    if (!process.stdout.write(piece)) await new Promise(resolve => process.stdout.once('drain', resolve))
  }
}

/** Writes texts as they come, several at a time; what is there is written before an error is thrown. */
export async function writeLines(lines: AsyncIterable<string>): Promise<void> {
  await writeOut(gathered(lines))
}

async function* gathered(lines: AsyncIterable<string>): AsyncGenerator<string> {
  let text = ''
  try {
    for await (const line of lines) {
      text += line
      if (text.length < gatheredMax) continue
      yield text
      text = ''
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
