/** In the order of their numbers in assembly/layout.ts. */
export const rowStyles = ['csv', 'json', 'tsv', 'markdown'] as const
export type RowStyle = (typeof rowStyles)[number]

/** How rows become text, as data: what crosses threads and what the kernel writes by. Formats make it (src/sinks). */
export interface RowTemplate {
  /** How key parts are written: quoted where CSV or TSV needs it, as JSON texts, or with what Markdown would read otherwise escaped. */
  readonly style: RowStyle
  /** Goes before the head when rows of another keyset were written. */
  readonly gap: string
  /** Goes before the first row. */
  readonly head: string
  /** Goes behind the last row. */
  readonly foot: string
  /** Bytes of ASCII that every row begins with, but for the first: what separates rows. */
  readonly separatorBytes: number
  /** What goes before each key part and each value. */
  readonly fronts: readonly string[]
  /** What goes before `end` in every row: cells of columns that have no value. */
  readonly padding: string
  readonly end: string
  /** A value that is null. */
  readonly empty: string
  /** What stands for a row that would be an empty line; empty when it may be one. */
  readonly blank: '' | '""'
  /** Names of the values, as a row lists those that are estimates; empty when it does not. */
  readonly estimateNames: readonly string[]
}
