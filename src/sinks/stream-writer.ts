/** Writes chunks to a stream such as stdout at the reader's pace. */
import type {Writable} from 'node:stream'
import {setImmediate as nextTurn} from 'node:timers/promises'
import {errorCodeOf, printableLines} from '../base/index.ts'
import {batchesOf, byteBatchesOf} from './batches.ts'
import {outputError} from './output-error.ts'

export interface StreamWriteOptions {
  /** What the stream is called in an error; default `standard output`. */
  readonly name?: string
  readonly signal?: AbortSignal
}

/** The reader went away: `| head` has seen enough. */
const closedCodes = new Set(['EPIPE', 'ECONNRESET', 'EOF', 'ERR_STREAM_DESTROYED', 'ERR_STREAM_WRITE_AFTER_END'])

/**
 * Writes all chunks; the stream stays open. On a terminal control characters in text become visible escapes. Waits until a batch is taken before it pulls the next one.
 *
 * @returns `done`, or `closed` when the reader went away: no error, there is just nobody left to write for. The chunks
 *   are not read further then, and their iterator is ended
 * @throws UserError OUTPUT_FAILED when writing fails otherwise; the signal's reason when it aborts; what `chunks` throws
 */
export async function writeToStream(
  stream: Writable,
  chunks: Iterable<string | Uint8Array>,
  {name = 'standard output', signal}: StreamWriteOptions = {},
): Promise<'done' | 'closed'> {
  const isTerminal = 'isTTY' in stream && stream.isTTY === true
  return writeBatches(stream, batchesOf(isTerminal ? safeChunks(chunks) : chunks), name, signal)
}

/** The same for UTF-8 text that is already in large pieces and comes as it is made; not for a terminal. */
export function writeBytesToStream(
  stream: Writable,
  pieces: AsyncIterable<Uint8Array>,
  {name = 'standard output', signal}: StreamWriteOptions = {},
): Promise<'done' | 'closed'> {
  return writeBatches(stream, byteBatchesOf(pieces), name, signal)
}

async function writeBatches(
  stream: Writable,
  batches: Iterable<string | Uint8Array> | AsyncIterable<Uint8Array>,
  name: string,
  signal: AbortSignal | undefined,
): Promise<'done' | 'closed'> {
  // A failed write also emits `error`, a turn later; without a listener that would end the process. After a failure the
  // listener therefore stays: the stream is of no more use anyway.
  const onError = (): undefined => undefined
  stream.on('error', onError)
  for await (const batch of batches) {
    signal?.throwIfAborted()
    const error = await writeBatch(stream, batch)
    if (error) {
      if (closedCodes.has(errorCodeOf(stream.errored ?? error))) return 'closed'
      throw outputError(stream.errored ?? error, name)
    }
    // Writes to files and pipes may finish in this very turn; signals and timers need one of their own.
    await nextTurn()
  }
  stream.off('error', onError)
  return 'done'
}

/** A table is safe by itself; CSV and JSON hold the data as it is, and a person asked to see them here. */
function* safeChunks(chunks: Iterable<string | Uint8Array>): Generator<string | Uint8Array> {
  for (const chunk of chunks) yield typeof chunk === 'string' ? printableLines(chunk) : chunk
}

/** @returns the error, once the stream has taken the batch or failed */
function writeBatch(stream: Writable, batch: string | Uint8Array): Promise<Error | undefined> {
  return new Promise(resolve => {
    stream.write(batch, error => resolve(error ?? undefined))
  })
}
