/** Text with escape sequences, undone one by one. */
import type {Columns} from './columns.ts'

export interface Escapes {
  /** Alternatives of a pattern: each sequence that means something, without groups. Everything else stands for itself. */
  readonly sequences: string
  /** What a sequence stands for, as SQL over the SQL of the sequence. */
  meaning(sequence: string): string
}

/** Only what holds a backslash is taken apart. */
export function unescaped(columns: Columns, text: string, {sequences, meaning}: Escapes): string {
  const {dialect} = columns
  const pieces = dialect.everyMatch(text, `(${sequences}|[^\\\\]+|\\\\)`, 1)
  const decoded = dialect.joined(dialect.eachText(pieces, piece => meaning(piece)))
  return columns.cases([[dialect.position(text, dialect.text('\\')), columns.add(decoded)]], text)
}

/** Sequences of one letter; `otherwise` for the rest. */
export function lettersMeaning(
  {dialect}: Columns,
  sequence: string,
  letters: Readonly<Record<string, string>>,
  otherwise: string,
): string {
  const whens = Object.entries(letters).map(
    ([letter, meaning]) => `WHEN ${sequence} = ${dialect.text(`\\${letter}`)} THEN ${dialect.text(meaning)}`,
  )
  return `CASE ${whens.join(' ')} ELSE ${otherwise} END`
}
