/** Bodies of requests as checked values. */
import type {IncomingMessage} from 'node:http'
import type * as z from 'zod/mini'
import {ClusterError, errorCodeOf, UserError} from '../../base/index.ts'
import {jsonBodyBytesMax} from '../../protocol/index.ts'

/** For a body of at most `jsonBodyBytesMax` to arrive. Milliseconds. */
const bodyMs = 30_000

/**
 * Reads a JSON body of a known shape.
 *
 * @throws UserError BAD_SETTING for what is not JSON, not of that shape, or longer than `jsonBodyBytesMax`; ClusterError
 *   TIMED_OUT when it comes too slowly or breaks off
 */
export async function readBody<Body>(request: IncomingMessage, schema: z.ZodMiniType<Body>): Promise<Body> {
  const text = await readLimited(request)
  let value: unknown
  try {
    value = text === '' ? {} : JSON.parse(text)
  } catch (error) {
    throw new UserError('BAD_SETTING', 'the body is not JSON', {cause: error})
  }
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const where = issue === undefined || issue.path.length === 0 ? 'the body' : issue.path.join('.')
  throw new UserError('BAD_SETTING', `${where}: ${issue?.message ?? 'cannot be used'}`)
}

async function readLimited(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  let bytes = 0
  // A byte now and then keeps a connection from being idle: the whole has a time, too.
  const timer = setTimeout(() => request.destroy(new ClusterError('TIMED_OUT', 'the body came too slowly')), bodyMs)
  try {
    for await (const part of request as AsyncIterable<Buffer>) {
      bytes += part.length
      if (bytes > jsonBodyBytesMax) throw tooLong()
      parts.push(part)
    }
  } catch (error) {
    if (errorCodeOf(error) === 'ECONNRESET')
      throw new ClusterError('TIMED_OUT', 'the request was cut off', {cause: error})
    throw error
  } finally {
    clearTimeout(timer)
  }
  if (!request.complete) throw new ClusterError('TIMED_OUT', 'the request was cut off')
  return Buffer.concat(parts).toString('utf8')
}

const tooLong = (): UserError =>
  new UserError('BAD_SETTING', `the body is longer than ${jsonBodyBytesMax} bytes`, {
    hint: 'send a long list of entries in several changes',
  })
