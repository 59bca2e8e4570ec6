/**
 * Inferno's stream names, so that `mapInputStream: chunkJsonStream` ports by eye. They are other spellings of `format`;
 * compression is told by content, so the gzip names mean the same as the plain ones.
 */
import type {FormatName, NamedReader} from './types.ts'

function reader(format: FormatName): NamedReader {
  return Object.freeze({kind: 'reader', format})
}

export const chunkJsonStream: NamedReader = reader('json')
export const gzipJsonStream: NamedReader = reader('json')
export const chunkCsvStream: NamedReader = reader('csv')
export const gzipCsvStream: NamedReader = reader('csv')
export const chunkDynamicStream: NamedReader = reader('dynamic')

/** True for the names above, also when they come from another copy of this program. */
export function isNamedReader(value: unknown): value is NamedReader {
  return typeof value === 'object' && value !== null && (value as {kind?: unknown}).kind === 'reader'
}
