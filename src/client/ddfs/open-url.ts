/** A URL of somebody else: no token of ours goes there, and its errors are not those of a node. */
import type {IncomingMessage} from 'node:http'
import {messageOf, printable, UserError} from '../../base/index.ts'
import {connectionError, type HttpClient} from '../cluster/http.ts'

/** Moves that are followed. */
const redirectCountMax = 5

/** @throws UserError INPUT_NOT_FOUND when the server has no such thing or does not give it; INPUT_UNREADABLE when none answers */
export async function openUrl(http: HttpClient, url: string, signal?: AbortSignal): Promise<IncomingMessage> {
  let at = url
  for (let moved = 0; moved <= redirectCountMax; moved++) {
    const response = await get(http, at, signal)
    const {statusCode: status = 500, statusMessage = '', headers} = response
    if (status >= 200 && status < 300) return response
    response.destroy()
    const isMoved = [301, 302, 303, 307, 308].includes(status) && headers.location !== undefined
    if (!isMoved) {
      const said = `${status} ${printable(statusMessage)}`.trim()
      throw new UserError('INPUT_NOT_FOUND', `${printable(at)}: the server answers ${said}`)
    }
    const next = URL.parse(headers.location ?? '', at)
    if (next === null || !/^https?:$/.test(next.protocol)) {
      throw new UserError('INPUT_NOT_FOUND', `${printable(at)} has moved to where nobody can follow`)
    }
    at = next.href
  }
  throw new UserError('INPUT_NOT_FOUND', `${printable(url)} has moved more than ${redirectCountMax} times`)
}

async function get(http: HttpClient, url: string, signal: AbortSignal | undefined): Promise<IncomingMessage> {
  const request = http.open({method: 'GET', url, signal})
  request.end()
  try {
    return await new Promise<IncomingMessage>((resolve, reject) => {
      request.once('response', resolve).once('error', reject)
    })
  } catch (error) {
    signal?.throwIfAborted()
    const {message} = connectionError(error, url)
    throw new UserError('INPUT_UNREADABLE', `${printable(url)} cannot be fetched: ${messageOf(message)}`, {
      cause: error,
    })
  }
}
