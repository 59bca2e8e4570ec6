/** Bodies of requests, read whole and bounded. */
import type {IncomingMessage} from 'node:http'
import {problemOf, type Schema} from '../../protocol/index.ts'
import {Refusal} from './answers.ts'
import type {LegacyCall} from './call.ts'

/** @param tooLong - what is answered to a body of more than `bytesMax` bytes, or one that is cut off */
export async function readAll(request: IncomingMessage, bytesMax: number, tooLong: () => Refusal): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > bytesMax) throw tooLong()
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length
    if (bytes > bytesMax) throw tooLong()
    parts.push(part)
  }
  return Buffer.concat(parts)
}

/** Body of a control call, bytes, as in Disco. */
const controlBytesMax = 32 * 1024 * 1024

/** @throws Refusal 400 with what is wrong; 500 for what is not JSON, as Disco */
export async function readControl(
  {request, onSubject}: Pick<LegacyCall, 'request' | 'onSubject'>,
  schema: Schema,
): Promise<unknown> {
  const bytes = await readAll(request, controlBytesMax, () => new Refusal(413, 'Body too large'))
  let value: unknown
  try {
    value = JSON.parse(bytes.toString('utf8'))
  } catch {
    throw new Refusal(500, 'Internal server error')
  }
  const problem = problemOf(value, schema)
  if (problem !== undefined) throw new Refusal(400, problem, true)
  if (typeof value === 'string') onSubject(value)
  return value
}
