/** What the network says, the same for every server. */
import {errorCodeOf, messageOf, UserError} from '../../base/index.ts'
import type {Verdict} from './contracts.ts'

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing answers there',
  ECONNRESET: 'the connection was cut',
  EPIPE: 'the connection was cut',
  ETIMEDOUT: 'no answer in time',
  EHOSTUNREACH: 'there is no way to the host',
  ENETUNREACH: 'there is no way to the network',
  EAI_AGAIN: 'the name of the host cannot be looked up now',
  ENOENT: 'there is no such socket',
  ECONNABORTED: 'the connection was cut',
}

/** Looks through causes. @returns undefined when the error is not of the network: the server itself may have answered */
export function networkVerdict(error: unknown): Verdict | undefined {
  const code = errorCodeOf(error) || codeWithin(error)
  if (code === 'ENOTFOUND') {
    return {
      kind: 'final',
      error: new UserError('BAD_SINK', 'there is no host of that name', {hint: 'correct the address'}),
    }
  }
  const reason = reasons[code]
  if (reason === undefined) return undefined
  return {
    kind: 'again',
    code: code === 'ETIMEDOUT' ? 'TIMED_OUT' : 'UNAVAILABLE',
    reason: `${reason} (${messageOf(error) || code})`,
  }
}

/** Of a host with several addresses Node tells all failures together; of fetch the cause. */
function codeWithin(error: unknown): string {
  if (error instanceof AggregateError) return errorCodeOf(error.errors[0])
  return error instanceof Error && error.cause !== undefined ? errorCodeOf(error.cause) || codeWithin(error.cause) : ''
}
