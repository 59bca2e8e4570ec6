import {textOverheadBytes} from './limits.ts'

/** Shorter pieces of a text are copies anyway. */
const copiedLengthMax = 12

/**
 * A text to keep for long: a copy, because a piece cut from a line keeps the whole block of input alive, and well
 * formed (lone surrogates as U+FFFD), because that is how it would come back from a run.
 */
export function keptText(text: string): string {
  return text.length <= copiedLengthMax ? text.toWellFormed() : Buffer.from(text, 'utf8').toString('utf8')
}

/** Memory of a text, at most. */
export function textBytes(text: string): number {
  return textOverheadBytes + text.length * 2
}
