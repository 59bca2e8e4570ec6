/** The format of inputs that nobody named a format for. */
import {UserError} from '../base/index.ts'
import type {Format, FormatNode} from '../rules/index.ts'
import {findInputs, firstBytesOf} from '../worker/index.ts'
import {type GuessedFormat, guessFormat} from './infer/guess-format.ts'

export interface GuessedInput {
  readonly format: Format
  readonly node: Exclude<FormatNode, {readonly format: 'custom'}>
  /** For a note: `CSV with a header, delimiter ";"`. */
  readonly description: string
}

/** Bytes that a guess looks at. */
const guessBytes = 64 * 1024

/**
 * Guesses by the first bytes of the first input; standard input cannot be looked at without taking from it and is JSON.
 *
 * @throws UserError INPUT_NOT_FOUND, INPUT_UNREADABLE
 */
export async function guessInputFormat(inputs: readonly string[]): Promise<GuessedInput> {
  const file = findInputs(inputs).files.find(input => input.bytes !== undefined && input.bytes > 0)
  const guess = file && guessFormat(await firstBytesOf(file, guessBytes))
  if (file && guess === null) {
    throw new UserError('INPUT_UNREADABLE', `cannot tell how ${file.name} is written`, {
      hint: 'say it with --from json|csv|logfmt|combined-log …, or give --pattern with named groups',
      exitCode: 2,
    })
  }
  return describe(guess ?? {format: 'json'})
}

/**
 * What --from says, as infer reads it.
 *
 * @returns undefined when nothing was said
 */
export function formatNodeOf(name: string | undefined): GuessedFormat | undefined {
  if (name === undefined) return undefined
  if (name === 'csv' || name === 'tsv') return {format: 'csv', fields: 'header', delimiter: name === 'csv' ? ',' : '\t'}
  return {format: name as 'json' | 'logfmt' | 'common-log' | 'combined-log'}
}

function describe(node: GuessedFormat): GuessedInput {
  if (node.format !== 'csv' && node.format !== 'dynamic') return {format: node.format, node, description: node.format}
  const format: Format = {
    type: node.format,
    delimiter: node.delimiter,
    ...(node.fields === null ? {} : {fields: node.fields}),
  }
  const names = node.fields === 'header' ? 'with a header' : 'without a header (columns 0, 1, 2 …)'
  return {format, node, description: `${node.format} ${names}, delimiter ${JSON.stringify(node.delimiter)}`}
}
