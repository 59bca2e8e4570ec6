/** Kinds of values, and which of them the kernel takes. */
import type {FieldUse} from './kernel-fields.ts'

/** Kinds of values by number, as in assembly/layout.ts. */
export const kinds = {
  absent: 0,
  null: 1,
  false: 2,
  true: 3,
  text: 4,
  number: 5,
  longInteger: 6,
  otherNumber: 7,
  nested: 8,
  escapedText: 9,
  double: 10,
}

/** Absent, kind 0, is always among them. */
const bitsOf = (...names: readonly (keyof typeof kinds)[]): number =>
  names.reduce((bits, name) => bits | (1 << kinds[name]), 1)

/** Which kinds the kernel gives the same meaning as the row path, by what the value is for. */
const kindsFor: Readonly<Record<FieldUse, number>> = {
  text: bitsOf('null', 'false', 'true', 'text', 'number', 'longInteger'),
  // Text that is no plain number is left out later on.
  number: bitsOf('null', 'false', 'true', 'number', 'text'),
  presence: bitsOf(
    'null',
    'false',
    'true',
    'text',
    'number',
    'longInteger',
    'otherNumber',
    'nested',
    'escapedText',
    'double',
  ),
}

/** The kinds, as bits, that a value may be of for all that it is used for. */
export function allowedKinds(uses: ReadonlySet<FieldUse>): number {
  return [...uses].reduce((allowed, use) => allowed & kindsFor[use], -1)
}
