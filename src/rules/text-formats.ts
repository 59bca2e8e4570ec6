/** Texts with a meaning of their own: days, time zones, patterns. */
import {UserError} from '../base/index.ts'
import {compilePattern} from './patterns/index.ts'
import {checkZone} from './time-zone.ts'

/** True for the `YYYY-MM-DD` of a day that exists: `2024-02-29`, not `2023-02-29`. */
export function isRealDay(value: unknown): boolean {
  if (typeof value !== 'string') return false
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(value)
  if (!match) return false
  const day = new Date(Date.UTC(Number(match[1]), Number(match[2]) - 1, Number(match[3])))
  return day.toISOString().startsWith(value)
}

/** What was expected in place of a text that is no time zone; undefined when it is one. */
export function zoneError(zone: string): string | undefined {
  return expectationOf(() => checkZone(zone), 'an IANA time zone')
}

/** What was expected in place of the pattern of a regex format; undefined when it will do. */
export function patternError(pattern: string): string | undefined {
  let names: readonly string[] = []
  const error = expectationOf(() => {
    names = [...compilePattern(pattern).groupNames.keys()]
  }, 'a regular expression in RE2 syntax')
  if (error !== undefined || names.length > 0) return error
  return 'a regular expression with named groups, (?<name>…): they become the fields'
}

function expectationOf(check: () => void, expected: string): string | undefined {
  try {
    check()
    return undefined
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    return `${expected} (${error.message})`
  }
}
