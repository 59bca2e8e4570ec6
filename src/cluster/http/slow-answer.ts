/** Answers that take long: both sides give up a connection on which nothing moves. */
import type {ServerResponse} from 'node:http'
import {sendJson} from './server.ts'

/** Well below the silence that clients bear (30 s). Milliseconds. */
const signEveryMs = 10_000

/**
 * Sends the JSON of what `work` gives. While it takes, now and then a space: JSON may begin with spaces. The first one
 * sends the head, too, and from then on a failure can only break the connection.
 *
 * @throws what `work` throws
 */
export async function answerSlowly(
  response: ServerResponse,
  work: () => Promise<unknown>,
  everyMs = signEveryMs,
): Promise<undefined> {
  const timer = setInterval(() => {
    if (!response.headersSent) response.writeHead(200, {'content-type': 'application/json'})
    response.write(' ')
  }, everyMs)
  try {
    const body = await work()
    if (response.headersSent) response.end(JSON.stringify(body))
    else sendJson(response, 200, body)
  } finally {
    clearInterval(timer)
  }
  return undefined
}
