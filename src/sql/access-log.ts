/** Access logs in the common and combined formats, by one pattern. Each part of it can match in one way only, as the reader goes. */
import type {Columns} from './columns.ts'
import {lettersMeaning, unescaped} from './escapes.ts'
import {flatFields} from './fields.ts'
import {trimmedText, visible} from './patterns.ts'
import {commonReasons, patternLines, type Records} from './text-lines.ts'
import {nullWhen, type Value} from './values.ts'

const text = '(?:[^"\\\\]|\\\\[^\\n])*'
const number = '[0-9]{1,15}|-'
/** What stands between the fields, and the fields. */
const head = [
  ['^', `${visible}+`],
  [' ', `${visible}+`],
  [' ', '[^\\[\\n]*'],
  [' \\[', '[^\\]\\n]*'],
  ['\\] "', text],
  ['" ', number],
  [' ', number],
] as const
const shapes = {
  'common-log': [...head, ['', '(?: [^\\n]*)?']],
  'combined-log': [...head, [' "', text], ['" "', text], ['"', '[^\\n]*']],
} as const

/** @param group - the field that is captured: engines count few groups */
function patternOf(format: keyof typeof shapes, group?: number): string {
  const pieces = shapes[format].map(
    ([between, field], index) => `${between}${index + 1 === group ? '(' : '(?:'}${field})`,
  )
  return `${pieces.join('')}$`
}

/** A dot of JavaScript. */
const inLine = '[^\\n\\r\\x{2028}\\x{2029}]'
const requestLine = `^([!#$%&'*+\\-.^_\`|~0-9A-Za-z]+) (${visible}|${visible}${inLine}*${visible}) (HTTP/[0-9.]+)$`

/** Bytes in a row are UTF-8, or stay as they are. */
const bytesInHex = '(?:\\\\x[0-9a-fA-F]{2})+'
const letters = {n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\'}

/** What readAccessLog of the engine reads, in SQL. Adds columns; the line is in the column `line`. */
export function accessLogRecords(columns: Columns, format: 'common-log' | 'combined-log'): Records {
  const {dialect} = columns
  const reason = 'not an access log line'
  const {lines, record} = patternLines(columns, patternOf(format), reason)
  const part = (group: number): string => columns.add(dialect.extract(record, patternOf(format, group), 1))
  const undone = (text: string): string =>
    unescaped(columns, text, {
      sequences: `${bytesInHex}|\\\\[nrt"\\\\]`,
      meaning: sequence => lettersMeaning(columns, sequence, letters, bytesMeaning(columns, sequence)),
    })
  const orNull = (text: string): Value => nullWhen(columns, `${text} = '-'`, text)
  const numberOrNull = (digits: string): Value => ({
    kind: columns.cases([[`${digits} = '-'`, "'z'"]], "'n'"),
    text: columns.add(dialect.replaceAll(digits, '^0+([0-9])', '\\1')),
  })
  const quotedOrNull = (text: string): Value => nullWhen(columns, `${text} = '-'`, undone(text))
  const extra = (group: number): Value => {
    const text = columns.add(trimmedText(dialect, part(group)))
    return nullWhen(columns, `${text} = ''`, text)
  }
  const requestPart = (group: 0 | 1 | 2 | 3): Value => {
    const request = undone(part(5))
    const isRequest = columns.add(dialect.matches(request, requestLine))
    if (group === 0) return nullWhen(columns, `${isRequest} OR ${request} = '-'`, request)
    return nullWhen(columns, `NOT ${isRequest}`, columns.add(dialect.extract(request, requestLine, group)))
  }
  const isCombined = format === 'combined-log'
  const readers: Readonly<Record<string, () => Value>> = {
    host: () => orNull(part(1)),
    ident: () => orNull(part(2)),
    user: () => orNull(part(3)),
    time: () => orNull(part(4)),
    method: () => requestPart(1),
    path: () => requestPart(2),
    protocol: () => requestPart(3),
    request: () => requestPart(0),
    status: () => numberOrNull(part(6)),
    bytes: () => numberOrNull(part(7)),
    ...(isCombined ? {referer: () => quotedOrNull(part(8)), agent: () => quotedOrNull(part(9))} : {}),
    extra: () => extra(isCombined ? 10 : 8),
  }
  const fields = flatFields(name => (Object.hasOwn(readers, name) ? readers[name]!() : undefined))
  return {lines, badReasons: [reason, ...commonReasons], fields}
}

function bytesMeaning({dialect}: Columns, sequence: string): string {
  const isBytes = dialect.startsWith(sequence, dialect.text('\\x'))
  const hex = `upper(${dialect.replaceAll(sequence, '\\\\x', '')})`
  const whole = dialect.replaceAll(hex, '([0-9A-F]{2})', '\\1 ')
  // Pairs of digits, so that no two halves of neighbours look like the character for what is no text.
  const hasReplacement = dialect.position(`concat(' ', ${whole})`, dialect.text(' EF BF BD '))
  const decoded = dialect.utf8OfHex(hex)
  return `CASE WHEN ${isBytes} AND NOT ${hasReplacement} AND ${decoded} <> '' THEN ${decoded} ELSE ${sequence} END`
}
