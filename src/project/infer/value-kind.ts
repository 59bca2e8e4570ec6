/** What one value looks like, whether it stands as itself or as text (CSV and access logs hold only text). */

export type ValueKind = 'empty' | 'boolean' | 'integer' | 'decimal' | 'date-time' | 'text' | 'list'

const isoTime = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?: ?(?:Z|[+-]\d\d:?\d\d))?)?$/
/** `05/Mar/2012:17:46:02 +0000`, as web servers write it. */
const accessLogTime = /^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}$/
/** No leading zero: `02139` is a code and loses its meaning as a number. */
const integerText = /^[+-]?(?:0|[1-9]\d*)$/
const decimalText = /^[+-]?(?:(?:0|[1-9]\d*)\.\d*|\.\d+|(?:0|[1-9]\d*)(?:\.\d*)?[eE][+-]?\d+)$/

/** Classifies a field's value. Objects do not come here: their fields are looked at one by one. */
export function kindOfValue(value: unknown): ValueKind {
  switch (typeof value) {
    case 'boolean':
      return 'boolean'
    case 'bigint':
      return 'integer'
    case 'number':
      return Number.isInteger(value) ? 'integer' : 'decimal'
    case 'string':
      return kindOfText(value)
    default:
      return Array.isArray(value) ? 'list' : 'empty'
  }
}

function kindOfText(text: string): ValueKind {
  if (text === '') return 'empty'
  if (text.length <= 40) {
    if (integerText.test(text)) return 'integer'
    if (decimalText.test(text)) return 'decimal'
    if (isoTime.test(text) || accessLogTime.test(text)) return 'date-time'
    if (/^(?:true|false)$/i.test(text)) return 'boolean'
  }
  return 'text'
}

/** Milliseconds since 1970 of a date-time text; undefined when it is none after all (month 13). */
export function dateTimeMs(text: string): number | undefined {
  const iso = text.replace(/^(\d\d)\/([A-Z][a-z]{2})\/(\d{4}):(\S+) /, '$2 $1 $3 $4 ').replace(',', '.')
  const ms = Date.parse(iso)
  return Number.isNaN(ms) ? undefined : ms
}
