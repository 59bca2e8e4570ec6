/** Tokens and the log of changes for people. */
import {UserError} from '../../base/index.ts'
import type {AuditLine, TokenChange, TokenInfo} from '../../protocol/index.ts'
import {aligned} from '../ddfs/text.ts'

const units: Readonly<Record<string, number>> = {m: 60_000, h: 3_600_000, d: 86_400_000}

/** Milliseconds of `90d`. @throws UserError BAD_FLAG */
export function lifeOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const match = /^(\d{1,6})([mhd])$/.exec(text)
  const ms = Number(match?.[1] ?? 0) * (units[match?.[2] ?? ''] ?? 0)
  if (ms > 0) return ms
  throw new UserError('BAD_FLAG', `--expires: "${text}" is not a time`, {hint: 'write 30m, 12h or 90d', exitCode: 2})
}

/** `grafana: read, until 2027-02-21 18:00 UTC` */
export const tokenLine = (token: TokenInfo): string =>
  `${token.name}: ${token.scopes.join(', ')}${token.expiresAtMs === undefined ? '' : `, until ${momentOf(token.expiresAtMs)}`}`

/** Told beside the outcome; empty when all nodes know. */
export const silentText = ({silentNodes}: TokenChange): string =>
  silentNodes.length === 0
    ? ''
    : `${silentNodes.join(', ')}: no answer; told with the next link, and until then as before\n`

/** `disco token ls` for people. Tokens themselves are nowhere kept: their hashes stand for them. */
export function tokensText(tokens: readonly TokenInfo[]): string {
  const rows = tokens.map(token => [
    token.name,
    token.scopes.join(', '),
    endOf(token),
    token.createdAtMs === undefined ? 'the first start' : `${momentOf(token.createdAtMs)} by ${token.createdBy}`,
    token.hash,
  ])
  return aligned([['name', 'scopes', 'until', 'made', 'hash'], ...rows])
}

function endOf({expiresAtMs, isExpired}: TokenInfo): string {
  if (expiresAtMs === undefined) return '-'
  return `${momentOf(expiresAtMs)}${isExpired ? ' (over)' : ''}`
}

/** A line a change: when, who, from where, what, to what, with which outcome. */
export function auditText(lines: readonly AuditLine[]): string {
  return lines
    .map(({ts, by, from, for: origin, what, target, status}) => {
      const on = Object.values(target).join(' ')
      const place = origin === undefined ? from : `${origin} through ${from}`
      return `${ts} ${by === '' ? 'nobody' : by} (${place}) ${what}${on === '' ? '' : ` ${on}`}: ${status}\n`
    })
    .join('')
}

const momentOf = (ms: number): string => `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`
