/** Rows as JSON lines in a file, by the parts' own names, with `_keyset`: what rules read as records, and what is kept. */
import {createHash} from 'node:crypto'
import {closeSync, openSync, writeSync} from 'node:fs'
import {InvariantError, messageOf, UserError} from '../../base/index.ts'
import type {ResultRow} from '../../engine/index.ts'
import type {Plan} from '../../rules/index.ts'
import {formatRows} from '../../sinks/index.ts'
import {partHeaders} from '../run/part-headers.ts'

export interface RowFile {
  readonly path: string
  readonly bytes: number
  /** SHA-256 of them. */
  readonly blob: string
}

/**
 * Writes at least an empty line, which is no record: a blob holds something.
 *
 * @throws UserError SPILL_FAILED; what `rows` throws
 */
export function writeRowFile(path: string, plan: Plan, rows: Iterable<ResultRow>): RowFile {
  const hash = createHash('sha256')
  let bytes = 0
  try {
    const file = openSync(path, 'w', 0o600)
    try {
      const write = (text: string): void => {
        hash.update(text)
        bytes += writeSync(file, text)
      }
      for (const text of batchesOf(formatRows('ndjson', partHeaders(plan), rows))) write(text)
      if (bytes === 0) write('\n')
    } finally {
      closeSync(file)
    }
  } catch (error) {
    if (error instanceof UserError || error instanceof InvariantError) throw error
    throw new UserError('SPILL_FAILED', `cannot write rows to ${path}: ${messageOf(error)}`, {cause: error})
  }
  return {path, bytes, blob: hash.digest('hex')}
}

/** Text joined to pieces that are worth a system call. */
function* batchesOf(chunks: Iterable<string>): Iterable<string> {
  let text = ''
  for (const chunk of chunks) {
    text += chunk
    if (text.length < batchChars) continue
    yield text
    text = ''
  }
  if (text !== '') yield text
}

const batchChars = 1 << 16
