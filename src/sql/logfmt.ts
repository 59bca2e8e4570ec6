/** logfmt by two patterns: one for a line that is fine, one for its pairs. */
import type {Columns} from './columns.ts'
import {lettersMeaning, unescaped} from './escapes.ts'
import {flatFields} from './fields.ts'
import {commonReasons, patternLines, type Records} from './text-lines.ts'
import {hasLoneSurrogate, type Value} from './values.ts'

const space = '[\\x00-\\x20]'
const key = '[^\\x00-\\x20="]+'
const value = '=(?:"(?:[^"\\\\]|\\\\[^\\n])*"|[^\\x00-\\x20"][^\\x00-\\x20]*)?'
/** With a pair in it that has a value: bare keys alone are text of another kind. */
const fine = `^${space}*(?:${key}${space}+)*${key}${value}(?:${space}+${key}(?:${value})?)*${space}*$`
/** Behind each pair stands a blank, in the end an added one: so a key without value differs from no key. */
const pair = `(${key})((?:${value})?${space})`

const letters = {n: '\n', r: '\r', t: '\t', b: '\b', f: '\f', '"': '"', '\\': '\\', '/': '/'}

/** What readLogfmt of the engine reads, in SQL. A value with half of a surrogate pair is of kind `x`. */
export function logfmtRecords(columns: Columns): Records {
  const {dialect} = columns
  const reason = 'not logfmt'
  const {lines, record} = patternLines(columns, fine, reason)
  const spaced = columns.add(`concat(${record}, ' ')`)
  const names = columns.add(dialect.everyMatch(spaced, pair, 1))
  const values = columns.add(dialect.everyMatch(spaced, pair, 2))
  const read = (name: string): Value => {
    const found = columns.add(dialect.lastNamed(names, values, dialect.text(name)))
    const isQuoted = dialect.startsWith(found, dialect.text('="'))
    const quoted = columns.cases([[isQuoted, `substring(${found}, 3, length(${found}) - 4)`]], "''")
    const undone = unescaped(columns, quoted, {
      sequences: '(?:\\\\u[0-9a-fA-F]{4})+|\\\\[nrtbf"\\\\/]',
      meaning: sequence => lettersMeaning(columns, sequence, letters, unitsMeaning(columns, sequence)),
    })
    const plain = `substring(${found}, 2, length(${found}) - 2)`
    const isBare = `NOT (${dialect.startsWith(found, dialect.text('='))})`
    return {
      kind: columns.cases(
        [
          [`${found} = ''`, "''"],
          [isBare, "'b'"],
          [hasLoneSurrogate(dialect, quoted), "'x'"],
        ],
        "'s'",
      ),
      text: columns.cases(
        [
          [`${found} = ''`, "''"],
          [isBare, "'true'"],
          [isQuoted, undone],
        ],
        plain,
      ),
    }
  }
  return {lines, badReasons: [reason, ...commonReasons], fields: flatFields(read)}
}

/** Units of UTF-16 in a row, as JSON writes them. */
function unitsMeaning({dialect}: Columns, sequence: string): string {
  const isUnits = dialect.startsWith(sequence, dialect.text('\\u'))
  const json = `concat('"', CASE WHEN ${isUnits} THEN ${sequence} ELSE '' END, '"')`
  return `CASE WHEN ${isUnits} THEN ${dialect.decoded(json)} ELSE ${sequence} END`
}
