/**
 * What is known of all records of a chunk without reading them, and the form in which that stands in its footer.
 *
 *     {"names": ["host", "time"], "fields": [["time", {"range": [17, 42]}], ["host", {"values": ["a", "b"], "isOptional": true}]]}
 */
import {z} from 'zod'
import type {Json} from '../../base/index.ts'

/** A value that a list of values can hold. */
export type Scalar = string | number | boolean | null

/** Seconds between which all texts of a range lie, read as times: `zoned` ones name their zone, `clock` ones show a clock of any zone. */
export interface TextTimes {
  readonly kind: 'zoned' | 'clock'
  readonly from: number
  readonly to: number
}

/** From `min` to `max`: numbers (no bigint), or texts by code points. */
export type FieldRange =
  | {readonly type: 'number'; readonly min: number; readonly max: number}
  | {readonly type: 'text'; readonly min: string; readonly max: string; readonly times?: TextTimes}

/** What a top-level field is in each record: one of `values`, or in `range`, or (only when optional) absent. */
export interface FieldFacts {
  readonly values: readonly Scalar[]
  readonly range?: FieldRange
  readonly isOptional: boolean
}

export interface ChunkFacts {
  /** By the name of a top-level field. */
  readonly fields: ReadonlyMap<string, FieldFacts>
  /** All names that top-level fields of any record have; undefined: they are too many to list. */
  readonly names: ReadonlySet<string> | undefined
}

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

/** Facts as they stand in a footer. */
export function factsJson({names, fields}: ChunkFacts): Json {
  return {
    ...(names === undefined ? {} : {names: [...names]}),
    fields: [...fields].map(([name, {values, range, isOptional}]) => [
      name,
      {
        ...(values.length === 0 ? {} : {values: [...values]}),
        ...(range === undefined ? {} : {range: [range.min, range.max]}),
        ...(range?.type === 'text' && range.times !== undefined
          ? {times: [range.times.kind, range.times.from, range.times.to]}
          : {}),
        ...(isOptional ? {isOptional} : {}),
      },
    ]),
  }
}

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
