/** Reads inputs by their addresses: from another one, at the same byte, when one fails. */
import {createReadStream} from 'node:fs'
import {fileURLToPath} from 'node:url'
import {messageOf} from '../../../base/index.ts'
import {readChunkBytes, replicaTryCountMax} from '../limits.ts'
import {InputLostError} from '../shuffle/index.ts'
import type {TaskInput, TaskPorts} from '../task/types.ts'
import {download} from './download.ts'

/**
 * The bytes of an input, or of its section. An address that fails half-way is gone on with at another one.
 *
 * @throws InputLostError when no address gives all of it
 */
export async function* inputBytes(input: TaskInput, ports: Pick<TaskPorts, 'openInput'>): AsyncGenerator<Uint8Array> {
  const length = input.section?.bytes
  let position = 0
  const problems: string[] = []
  for (let round = 0; round < replicaTryCountMax; round++) {
    for (const replica of input.replicas) {
      let chunks: AsyncIterator<Uint8Array> | undefined
      try {
        chunks = ports.openInput(input, replica, position)[Symbol.asyncIterator]()
      } catch (error) {
        problems.push(`${replica}: ${messageOf(error)}`)
        continue
      }
      try {
        for (;;) {
          let next: IteratorResult<Uint8Array>
          try {
            next = await chunks.next()
          } catch (error) {
            problems.push(`${replica}: ${messageOf(error)}`)
            break
          }
          if (next.done) {
            if (length === undefined || position === length) return
            problems.push(`${replica}: it ends after ${position} of ${length} bytes`)
            break
          }
          position += next.value.length
          yield next.value
        }
      } finally {
        await chunks.return?.()
      }
    }
  }
  const lost = new InputLostError(
    problems.slice(0, 4).join('; ') || 'it has no address',
    input.replicas[0] ?? `input ${input.number}`,
    position,
  )
  lost.input = input.number
  throw lost
}

export interface AddressOptions {
  /** Sent with requests to nodes: their token. */
  readonly headers?: Readonly<Record<string, string>>
}

/** Opens paths, `file:`, `http:`, `https:` and `raw:` addresses. */
export function openAddress(
  input: TaskInput,
  replica: string,
  from: number,
  options: AddressOptions = {},
): AsyncIterable<Uint8Array> {
  const start = (input.section?.offset ?? 0) + from
  const end = input.section === undefined ? undefined : input.section.offset + input.section.bytes - 1
  if (end !== undefined && start > end) return rawBytes(Buffer.alloc(0))
  if (replica.startsWith('raw://')) return rawBytes(Buffer.from(replica.slice('raw://'.length)).subarray(start))
  if (/^https?:\/\//.test(replica)) return download(replica, {start, end, headers: options.headers ?? {}})
  const path = localPathOf(replica)
  if (path === undefined) throw new Error('addresses are paths, file:, http:, https: and raw:')
  return createReadStream(path, {start, ...(end === undefined ? {} : {end}), highWaterMark: readChunkBytes})
}

/** The path of an address that is a file of this machine. */
export function localPathOf(replica: string): string | undefined {
  if (replica.startsWith('file:')) return fileURLToPath(replica)
  return /^[a-z][a-z0-9+.-]+:\/\//i.test(replica) ? undefined : replica
}

async function* rawBytes(bytes: Buffer): AsyncGenerator<Uint8Array> {
  if (bytes.length > 0) yield bytes
}
