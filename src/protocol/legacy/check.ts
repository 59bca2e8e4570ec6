/** Bodies as Disco checks them, and in its words. */

export type Schema =
  | 'string'
  | 'integer'
  | {readonly list: Schema}
  /** A list of that length, each part by its own. */
  | {readonly parts: readonly Schema[]}
  | 'object'

/** @returns what is wrong, as Disco says it; undefined: nothing */
export function problemOf(value: unknown, schema: Schema): string | undefined {
  if (schema === 'string') return typeof value === 'string' ? undefined : expected('string', value)
  if (schema === 'integer') return Number.isSafeInteger(value) ? undefined : expected('integer', value)
  if (schema === 'object') return isObject(value) ? undefined : expected('object', value)
  if (!Array.isArray(value)) return expected('list', value)
  if ('list' in schema) return firstProblem(value.map(one => [one, schema.list] as const))
  if (value.length !== schema.parts.length) return expected(`list of length ${schema.parts.length}`, value)
  return firstProblem(schema.parts.map((part, index) => [value[index] as unknown, part] as const))
}

function firstProblem(pairs: readonly (readonly [unknown, Schema])[]): string | undefined {
  for (const [value, schema] of pairs) {
    const problem = problemOf(value, schema)
    if (problem !== undefined) return problem
  }
  return undefined
}

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Characters of a value that is told back. */
const shownCharsMax = 200

const expected = (what: string, value: unknown): string =>
  `${what} expected, '${(typeof value === 'string' ? value : JSON.stringify(value)).slice(0, shownCharsMax)}' received`
