/** Passes a request on to the master, and its answer back: so a client may ask any node. */
import {request as plainRequest} from 'node:http'
import {request as tlsRequest} from 'node:https'
import {ClusterError, messageOf} from '../../base/index.ts'
import type {ApiCall} from '../http/index.ts'

/** Marks what has been passed on once: two nodes that take each other for the master must not play ball. */
const passedOnHeader = 'x-disco-passed-on'

/** Where the request came from, as the node says that passed it on. */
export const passedOnForHeader = 'x-disco-for'

/** Headers that are about one connection only. */
const hopHeaders = new Set(['connection', 'keep-alive', 'transfer-encoding', 'upgrade', 'host', 'expect'])

/** @throws ClusterError UNAVAILABLE when there is no master, or it does not answer */
export async function passOn(call: ApiCall, master: string | undefined, ca: string | undefined): Promise<undefined> {
  if (master === undefined || call.request.headers[passedOnHeader] !== undefined) {
    throw new ClusterError('UNAVAILABLE', 'this node has no connection to its master at the moment')
  }
  const headers = Object.fromEntries(Object.entries(call.request.headers).filter(([name]) => !hopHeaders.has(name)))
  const url = new URL(call.request.url ?? '/', master)
  const open = url.protocol === 'https:' ? tlsRequest : plainRequest
  const options = {
    method: call.request.method,
    headers: {...headers, [passedOnHeader]: '1', [passedOnForHeader]: call.request.socket.remoteAddress ?? 'unknown'},
    signal: call.signal,
    ...(ca === undefined ? {} : {ca}),
  }
  await new Promise<void>((resolve, reject) => {
    const onward = open(url, options, answer => {
      const back = Object.entries(answer.headers).filter(([name]) => !hopHeaders.has(name))
      call.response.writeHead(answer.statusCode ?? 502, Object.fromEntries(back))
      answer.pipe(call.response)
      answer.on('end', resolve).on('error', reject)
    })
    onward.on('error', error =>
      reject(
        new ClusterError('UNAVAILABLE', `the master at ${master} does not answer: ${messageOf(error)}`, {cause: error}),
      ),
    )
    call.request.pipe(onward)
  })
  return undefined
}
