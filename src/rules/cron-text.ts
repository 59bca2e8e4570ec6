/** Whether a text is a cron expression of five fields that comes at all. What it means is the daemon's business. */

interface Field {
  readonly name: string
  readonly min: number
  readonly max: number
  /** Three letters that stand for numbers from `min` on. */
  readonly words: readonly string[]
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const fields: readonly Field[] = [
  {name: 'minute', min: 0, max: 59, words: []},
  {name: 'hour', min: 0, max: 23, words: []},
  {name: 'day of the month', min: 1, max: 31, words: []},
  {name: 'month', min: 1, max: 12, words: months},
  {name: 'day of the week', min: 0, max: 7, words: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']},
]
/** February has its 29th in some years. */
const monthDaysMax = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

/**
 * What was expected instead, in words that complete "expected …"; undefined when the text is right.
 *
 * Fields hold `*`, numbers, ranges, lists and steps (`*` or a range before the slash), names of months and weekdays, and `L`
 * for the last day of the month.
 */
export function cronError(text: string): string | undefined {
  const parts = text.trim().split(/\s+/)
  if (parts.length !== fields.length) return 'five fields: minute, hour, day of the month, month, day of the week'
  const values: number[][] = []
  for (const [index, field] of fields.entries()) {
    const found = valuesOf(parts[index]!, field)
    if (typeof found === 'string') return found
    values.push(found)
  }
  const [, , days, monthNumbers] = values as [number[], number[], number[], number[], number[]]
  const isEveryWeekday = parts[4] === '*'
  const hasLast = parts[2]!.toUpperCase().split(',').includes('L')
  const comes = monthNumbers.some(month => days.some(day => day <= monthDaysMax[month - 1]!))
  if (isEveryWeekday && !hasLast && !comes) return 'a day of the month that one of the months has'
  return undefined
}

function valuesOf(text: string, field: Field): number[] | string {
  const values: number[] = []
  for (const item of text.split(',')) {
    if (field.max === 31 && item.toUpperCase() === 'L') continue
    const match = /^(\*|[a-z\d]+)(?:-([a-z\d]+))?(?:\/(\d+))?$/i.exec(item)
    const bounds = match === null ? undefined : boundsOf(match[1]!, match[2], match[3], field)
    if (bounds === undefined) return `a ${field.name} from ${field.min} to ${field.max} (found "${item.slice(0, 20)}")`
    for (let value = bounds.from; value <= bounds.to; value += bounds.step) values.push(value)
  }
  return values
}

function boundsOf(
  first: string,
  last: string | undefined,
  step: string | undefined,
  field: Field,
): {from: number; to: number; step: number} | undefined {
  const every = step === undefined ? 1 : Number(step)
  if (every < 1 || every > field.max) return undefined
  if (first === '*') return last === undefined ? {from: field.min, to: field.max, step: every} : undefined
  const from = numberOf(first, field)
  const to = last === undefined ? from : numberOf(last, field)
  if (from === undefined || to === undefined || from > to) return undefined
  // As in most crons, a step needs something to step through.
  return last === undefined && step !== undefined ? undefined : {from, to, step: every}
}

function numberOf(text: string, {min, max, words}: Field): number | undefined {
  const word = words.indexOf(text.toLowerCase())
  const value = word >= 0 ? word + min : /^\d{1,2}$/.test(text) ? Number(text) : Number.NaN
  return value >= min && value <= max ? value : undefined
}
