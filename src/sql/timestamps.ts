/**
 * Timestamps of any form of logs as local seconds, as src/rules/time-parse.ts reads them: numbers since 1970, ISO 8601, access-log
 * time, mail dates. Divisions of doubles are the same everywhere; all other arithmetic is on whole numbers.
 */
import type {TransformNode} from '../rules/index.ts'
import {daysFromCivil} from './civil.ts'
import type {Columns} from './columns.ts'
import {trimmedText} from './patterns.ts'
import {numberOf, type Value} from './values.ts'
import {zoneOffset} from './zone-offsets.ts'

export type TimeNode = Extract<TransformNode, {readonly zone: string}>

const zoneText = ' ?(?:[Zz]|[Uu][Tt][Cc]?|[Gg][Mm][Tt]|[+-][0-9]{2}(?::?[0-9]{2})?)'
const clock = '([0-9]{2}):([0-9]{2}):([0-9]{2})'
/** Each with its year, month, day, hour, minute, second and zone, in the order of `order`. */
const forms = [
  {
    pattern: `^([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[Tt ]([0-9]{2})(?::([0-9]{2})(?::([0-9]{2})(?:[.,][0-9]+)?)?)?(${zoneText})?)?$`,
    order: [1, 2, 3, 4, 5, 6, 7],
  },
  {
    pattern: `^([0-9]{2})/([A-Za-z]{3})/([0-9]{4}):${clock}(${zoneText})?$`,
    order: [3, 2, 1, 4, 5, 6, 7],
  },
  {
    pattern:
      '^(?:[A-Za-z]{3}, ?)?([0-9]{1,2})[ -]([A-Za-z]{3})[ -]([0-9]{4}) ([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?( ?(?:[+-][0-9]{4}|Z|UTC?|GMT))?$',
    order: [3, 2, 1, 4, 5, 6, 7],
  },
] as const
const monthNames = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

/** Zeros of a unit: nanoseconds have nine. */
const zeros = {s: 0, ms: 3, us: 6, ns: 9} as const
const secondsMax = '1000000000000'

/** Whole local seconds, null for what is no timestamp. */
export function localSeconds(columns: Columns, value: Value, {zone, unit}: TimeNode, alive: string): string {
  const {dialect} = columns
  const trimmed = columns.add(trimmedText(dialect, value.text))
  const text = columns.cases([[`${value.kind} = 's'`, trimmed]], "''")
  const number = columns.cases(
    [[`${value.kind} IN ('s', 'n')`, numberOf(columns, {...value, text: trimmed}).digits]],
    "''",
  )
  columns.unsureWhen(`${alive} AND (${value.kind} = 'x' OR ${number} = 'x')`)
  const ofNumber = secondsOfNumber(columns, number, unit, alive)
  const named = secondsOfText(columns, text)
  const instant = columns.cases([[`${number} <> ''`, ofNumber]], named.instant)
  const local = zone === 'UTC' ? instant : columns.add(`(${instant} + ${zoneOffset(columns, zone, instant, alive)})`)
  return columns.cases([[named.isLocal, named.local]], local)
}

function secondsOfNumber(columns: Columns, digits: string, unit: TimeNode['unit'], alive: string): string {
  const {dialect} = columns
  const double = columns.add(dialect.double(digits))
  const size = `abs(${double})`
  const count =
    unit === 'auto'
      ? columns.cases(
          [
            [`${size} < 1e11`, '0'],
            [`${size} < 1e14`, '3'],
            [`${size} < 1e17`, '6'],
          ],
          '9',
        )
      : String(zeros[unit])
  const divisor = `CASE ${count} WHEN 0 THEN 1e0 WHEN 3 THEN 1e3 WHEN 6 THEN 1e6 ELSE 1e9 END`
  const quotient = columns.add(`${double} / (${divisor})`)
  // Integers that no double holds: cut exactly. Towards the past it would be another cut.
  const isBig = columns.add(
    `(${dialect.matches(digits, '^-?[0-9]+$')} AND coalesce(${size} >= 9007199254740992, false))`,
  )
  columns.unsureWhen(`${alive} AND ${isBig} AND ${dialect.startsWith(digits, "'-'")}`)
  const cut = columns.add(
    dialect.double(`CASE WHEN ${isBig} THEN substring(${digits}, 1, length(${digits}) - ${count}) ELSE '' END`),
  )
  const seconds = columns.cases([[isBig, cut]], `floor(${quotient})`)
  return columns.cases([[`coalesce(abs(${seconds}) < ${secondsMax}, false)`, dialect.whole(seconds)]], 'NULL')
}

/** `local`: what a text without a zone says; `instant`: the seconds of UTC that a text with one does. */
function secondsOfText(columns: Columns, text: string): {local: string; instant: string; isLocal: string} {
  const {dialect} = columns
  const bare = columns.cases(
    [[dialect.matches(text, '^\\[.+\\]$'), `substring(${text}, 2, length(${text}) - 2)`]],
    text,
  )
  const spelled = columns.cases(
    forms.map(({pattern, order}, index) => {
      const subject = index === 1 ? bare : text
      const inOrder = order.map(group => `\\${group}`).join('|')
      return [dialect.matches(subject, pattern), dialect.replaceAll(subject, pattern, inOrder)]
    }),
    "''",
  )
  const part = (index: number): string => {
    const pattern = Array.from({length: 7}, (_, at) => (at === index ? '([^|]*)' : '[^|]*')).join('\\|')
    return columns.add(dialect.extract(spelled, `^${pattern}$`, 1))
  }
  const whole = (index: number): string => columns.add(dialect.integer(part(index)))
  const [year, day, hour, minute, second] = [whole(0), whole(2), whole(3), whole(4), whole(5)]
  const names = monthNames.map((name, index): [string, string] => [`lower(${part(1)}) = '${name}'`, String(index + 1)])
  const month = columns.cases(names, dialect.integer(part(1)))
  const isLeap = `${year} % 4 = 0 AND (${year} % 100 <> 0 OR ${year} % 400 = 0)`
  const days = columns.cases(
    [
      [`${month} = 2 AND ${isLeap}`, '29'],
      [`${month} = 2`, '28'],
      [`${month} IN (4, 6, 9, 11)`, '30'],
    ],
    '31',
  )
  const isDate = `${year} >= 1 AND ${month} BETWEEN 1 AND 12 AND ${day} BETWEEN 1 AND ${days}`
  const isTime = columns.add(
    `(${spelled} <> '' AND ${isDate} AND ${hour} <= 23 AND ${minute} <= 59 AND ${second} <= 60)`,
  )
  const local = columns.add(
    `(${daysFromCivil(columns, year, month, day)} * 86400 + ${hour} * 3600 + ${minute} * 60 + least(${second}, 59))`,
  )
  const zone = part(6)
  const offset = columns.add(dialect.replaceAll(zone, '[ :]', ''))
  const east = columns.add(
    `(${dialect.integer(`substring(${offset}, 2, 2)`)} * 3600 + ${dialect.integer(`substring(${offset}, 4, 2)`)} * 60)`,
  )
  const instant = columns.cases(
    [
      [`NOT ${isTime}`, 'NULL'],
      [dialect.startsWith(offset, "'-'"), `${local} + ${east}`],
      [dialect.startsWith(offset, "'+'"), `${local} - ${east}`],
    ],
    local,
  )
  return {local, instant, isLocal: `${isTime} AND ${zone} = ''`}
}
