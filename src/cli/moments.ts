/** Moments as people type them. */
import {printable, UserError} from '../base/index.ts'

const unitMs: Readonly<Record<string, number>> = {s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000}

const written = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d)(?::?(\d\d)(?::\d\d(?:\.\d+)?)?)?)?(Z|[+-]\d\d(?::?\d\d)?)?$/

/**
 * The minute of UTC that a moment is in: `90m`, `1h`, `7d` before now, a day, or a time of day, in UTC unless it names its offset.
 *
 * @param flag - for the message
 * @returns `YYYY-MM-DDTHH:MM`
 * @throws UserError BAD_FLAG
 */
export function minuteOf(flag: string, text: string, nowMs: number): string {
  const [, count, unit = ''] = /^(\d{1,6}) ?([smhdw])$/.exec(text) ?? []
  const ms = count === undefined ? writtenMs(text) : nowMs - Number(count) * unitMs[unit]!
  if (!Number.isNaN(ms)) return new Date(ms).toISOString().slice(0, 16)
  throw new UserError('BAD_FLAG', `${flag} is "${printable(text)}", expected a moment`, {
    hint: 'write 30m, 1h or 7d (ago), 2026-11-24, 2026-11-24T10:30 or 2026-11-24T10:30+01:00',
    exitCode: 2,
  })
}

function writtenMs(text: string): number {
  const [, day, hour = '00', minute = '00', zone = 'Z'] = written.exec(text) ?? []
  if (day === undefined) return Number.NaN
  const offset = zone === 'Z' ? zone : `${zone.slice(0, 3)}:${zone.slice(3).replace(':', '') || '00'}`
  const ms = Date.parse(`${day}T${hour}:${minute}:00${offset}`)
  // The 30th of February would be taken for a day of March.
  const dayStartMs = Date.parse(day)
  return !Number.isNaN(dayStartMs) && new Date(dayStartMs).toISOString().startsWith(day) ? ms : Number.NaN
}
