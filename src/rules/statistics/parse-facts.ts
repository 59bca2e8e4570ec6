/** Facts of a footer, checked: apart from what they are, for few who know facts read any. */
import {z} from 'zod'
import type {ChunkFacts, FieldFacts, FieldRange} from './facts.ts'

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()])
const factsForm = z.strictObject({
  names: z.array(z.string()).optional(),
  fields: z.array(
    z.tuple([
      z.string(),
      z.strictObject({
        values: z.array(scalar).optional(),
        range: z.union([z.tuple([z.number(), z.number()]), z.tuple([z.string(), z.string()])]).optional(),
        times: z.tuple([z.enum(['zoned', 'clock']), z.number(), z.number()]).optional(),
        isOptional: z.literal(true).optional(),
      }),
    ]),
  ),
})

/** @returns undefined for what is not of the form of `factsJson`: of another version, perhaps */
export function parseFacts(json: unknown): ChunkFacts | undefined {
  const parsed = factsForm.safeParse(json)
  if (!parsed.success) return undefined
  const {names, fields} = parsed.data
  return {
    names: names === undefined ? undefined : new Set(names),
    fields: new Map(
      fields.map(([name, {values = [], range, times, isOptional = false}]): [string, FieldFacts] => [
        name,
        {values, ...(range === undefined ? {} : {range: rangeOf(range, times)}), isOptional},
      ]),
    ),
  }
}

type ParsedField = z.infer<typeof factsForm>['fields'][number][1]

function rangeOf([min, max]: NonNullable<ParsedField['range']>, times: ParsedField['times']): FieldRange {
  if (typeof min === 'number' && typeof max === 'number') return {type: 'number', min, max}
  const texts = {type: 'text', min: String(min), max: String(max)} as const
  if (times === undefined) return texts
  const [kind, from, to] = times
  return {...texts, times: {kind, from, to}}
}
