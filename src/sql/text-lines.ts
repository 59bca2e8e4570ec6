/** What all formats of one record a line share. */
import type {Columns} from './columns.ts'
import type {Fields} from './fields.ts'
import {lineBytesMax} from './limits.ts'
import {blanks} from './patterns.ts'

/** The lines of a format, as columns. */
export interface Records {
  /**
   * What a line is: `record`; `header`, `blank` or `no-object`, which are none; `?` for what cannot be judged; else the reason for
   * which it is bad.
   */
  readonly lines: string
  /** The reasons for which lines of this format are bad. */
  readonly badReasons: readonly string[]
  /** The fields of a record; of other lines they mean nothing. */
  readonly fields: Fields
}

/** What makes a line bad in any format. */
export const commonReasons = ['not UTF-8', 'line too long'] as const

type Branch = readonly [condition: string, value: string]

/**
 * What a line is by its bytes alone: too long, no UTF-8, and after the format's own `first` branches one with a byte order mark, which
 * is fine as the first of its file only, and no query knows which one that is. Empty: for the format to say.
 */
export function lineByBytes(columns: Columns, first: readonly Branch[], then: readonly Branch[] = []): string {
  const {dialect} = columns
  const {text} = dialect
  return columns.cases(
    [
      [`${dialect.byteCount('line')} > ${lineBytesMax}`, text('line too long')],
      [`NOT (${columns.add(dialect.isUtf8('line'))})`, text('not UTF-8')],
      ...first,
      [dialect.startsWith('line', text('\ufeff')), text('?')],
      ...then,
    ],
    text(''),
  )
}

/** Lines of text that one pattern takes or leaves. @param reason - of those that it leaves */
export function patternLines(
  columns: Columns,
  pattern: string,
  reason: string,
): {readonly lines: string; readonly record: string} {
  const {dialect} = columns
  const {text} = dialect
  const content = columns.add(dialect.replaceAll('line', '\\r$', ''))
  const isBlank = dialect.matches(content, `^(?:[\\t-\\r ][${blanks}]*)?$`)
  const early = lineByBytes(columns, [[isBlank, text('blank')]])
  const judged = columns.cases([[`${early} = ''`, content]], text(''))
  const lines = columns.cases(
    [
      [`${early} <> ''`, early],
      [dialect.matches(judged, pattern), text('record')],
    ],
    text(reason),
  )
  return {lines, record: columns.cases([[`${lines} = 'record'`, content]], text(''))}
}
