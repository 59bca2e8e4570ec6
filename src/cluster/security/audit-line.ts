/** A request as a line of the log of changes. */
import type {IncomingMessage} from 'node:http'
import type {AuditLine} from '../../protocol/index.ts'
import {passedOnForHeader} from '../agent/pass-on.ts'
import type {Served} from '../http/index.ts'
import {isAudited} from './audit-log.ts'
import {auditTextMax} from './limits.ts'

/** Who is nobody changes nothing: those would only fill the log. They are counted, and told in the daemon's log. */
const nobodyStatuses: ReadonlySet<number> = new Set([401, 429])

/** Parts of paths that open something. */
const secretParts: ReadonlySet<string> = new Set(['ticket'])

/** @param now - ISO 8601 @returns undefined when the request changed nothing */
export function auditLineOf({route, status, caller, request}: Served, now: string): AuditLine | undefined {
  if (route === undefined || !isAudited(route.name) || nobodyStatuses.has(status)) return undefined
  const told = claimedOrigin(request)
  return {
    ts: now,
    by: caller,
    from: request.socket.remoteAddress ?? '',
    ...(told === undefined ? {} : {for: told}),
    what: route.name,
    target: Object.fromEntries(
      Object.entries(route.parameters)
        .filter(([name]) => !secretParts.has(name))
        .map(([name, text]) => [name, text.slice(0, auditTextMax)]),
    ),
    status,
  }
}

/** Where a request came from, as the node says that passed it on. */
export function claimedOrigin(request: IncomingMessage): string | undefined {
  const told = request.headers[passedOnForHeader]
  return typeof told === 'string' && /^[0-9a-f.:]{2,45}$/.test(told) ? told : undefined
}
