/** What inputs are packed with, by their first bytes: extensions lie, and ClickHouse would believe them. */
import {messageOf, UserError} from '../../base/index.ts'
import type {LinesCompression} from '../../sql/index.ts'
import {compressionOf} from '../../worker/index.ts'
import {lookingMax, lookMs} from './limits.ts'

export interface LookedAt {
  /** For messages. */
  readonly name: string
  /** The first that answers. */
  readonly urls: readonly string[]
}

/** Enough for every magic number. Bytes. */
const headBytes = 8

/**
 * @returns in the order of the inputs
 * @throws UserError INPUT_UNREADABLE when nobody gives the first bytes; BAD_ENGINE for what ClickHouse would not read as the rule does
 */
export async function compressionsOf(inputs: readonly LookedAt[], signal: AbortSignal): Promise<LinesCompression[]> {
  const found = new Array<LinesCompression>(inputs.length)
  let next = 0
  const look = async (): Promise<void> => {
    for (let index = next++; index < inputs.length; index = next++) {
      const input = inputs[index]!
      found[index] = checked(compressionOf(await headOf(input, signal), input.name), input.name)
    }
  }
  await Promise.all(Array.from({length: Math.min(lookingMax, inputs.length)}, look))
  return found
}

/** @throws UserError BAD_ENGINE */
function checked(compression: ReturnType<typeof compressionOf>, name: string): LinesCompression {
  if (compression === 'none' || compression === 'gzip') return compression
  const why =
    compression === 'zstd'
      ? 'is packed with zstd by somebody else, and ClickHouse does not notice when such a file is cut'
      : "is a stream of Disco's, which ClickHouse does not read"
  throw new UserError('BAD_ENGINE', `${name} ${why}`, {
    hint: 'put it into the cluster as chunks (ddfs chunk), which are whole, or run it here with --engine auto',
  })
}

async function headOf({name, urls}: LookedAt, signal: AbortSignal): Promise<Uint8Array> {
  const failures: string[] = []
  for (const url of urls) {
    try {
      const limit = AbortSignal.any([signal, AbortSignal.timeout(lookMs)])
      const response = await fetch(url, {headers: {range: `bytes=0-${headBytes - 1}`}, signal: limit})
      // Nothing there is in that range: it is empty.
      if (response.status === 416) return new Uint8Array(0)
      if (response.ok) return await firstOf(response)
      await response.body?.cancel()
      failures.push(`status ${response.status}`)
    } catch (error) {
      signal.throwIfAborted()
      failures.push(messageOf(error))
    }
  }
  throw new UserError('INPUT_UNREADABLE', `cannot read the beginning of ${name}: ${failures.join('; ')}`)
}

/** A server may send everything all the same. */
async function firstOf(response: Response): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  let length = 0
  for await (const piece of response.body ?? []) {
    pieces.push(piece)
    length += piece.length
    if (length >= headBytes) break
  }
  return Buffer.concat(pieces).subarray(0, headBytes)
}
