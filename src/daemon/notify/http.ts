/** Posting JSON to services that people are told by. */
import {ClusterError, messageOf, UserError} from '../../base/index.ts'
import {sendMsMax} from './limits.ts'

/**
 * @throws ClusterError UNAVAILABLE (retryable) when it may work later: no answer, too many requests, an error of the server
 * @throws UserError BAD_SETTING when it will not
 */
export async function postJson(url: string, body: unknown, signal: AbortSignal): Promise<void> {
  if (!/^https?:\/\//.test(url) || !URL.canParse(url)) {
    throw new UserError('BAD_SETTING', 'the address to tell is not an http(s) address')
  }
  const {origin} = new URL(url)
  let response: Response
  try {
    response = await fetch(url, {
      method: 'POST',
      headers: {'content-type': 'application/json'},
      body: JSON.stringify(body),
      // A redirect would take a secret elsewhere.
      redirect: 'error',
      signal: AbortSignal.any([signal, AbortSignal.timeout(sendMsMax)]),
    })
  } catch (error) {
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
    throw new ClusterError('UNAVAILABLE', `${origin} does not answer: ${messageOf(cause)}`, {cause: error})
  }
  const answer = (await response.text()).slice(0, answerCharsMax)
  if (response.ok) return
  const said = `${origin} answered ${response.status}: ${answer}`
  if (response.status === 429 || response.status >= 500) throw new ClusterError('UNAVAILABLE', said)
  throw new UserError('BAD_SETTING', said)
}

const answerCharsMax = 300
