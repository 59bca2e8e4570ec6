/** The shape of aggregates, which rules and plans share. A file of its own: checking a rule should not set up the schema of plans. */
import {z} from 'zod'
import {collectMax, distinctExactUpToMax, histogramBoundCountMax, topKMax} from './limits.ts'

const field = z.string({error: 'a field name (text)'}).min(1, {error: 'a field name (text), not empty'})
/** A whole number from 1 to `max`. */
export function counted(max: number): z.ZodInt {
  const error = `a whole number from 1 to ${max}`
  return z.int({error}).min(1, {error}).max(max, {error})
}
const share = z
  .number({error: 'a number from 0 to 1'})
  .min(0, {error: 'a number from 0 to 1'})
  .max(1, {error: 'a number from 0 to 1'})
const bounds = z
  .array(z.number({error: 'a number'}), {error: 'a list of ascending numbers'})
  .min(1, {error: 'at least one bound'})
  .max(histogramBoundCountMax, {error: `at most ${histogramBoundCountMax} bounds`})
  .refine(list => list.every((bound, index) => index === 0 || bound > list[index - 1]!), {
    error: 'a list of ascending numbers',
  })
  .readonly()
const by = z
  .string({error: 'the field that tells first from last: {by: "time"}'})
  .min(1, {error: 'a field name (text), not empty'})

/** The aggregates as functions of a column name's shape: in a rule they have none yet, in a plan they do. */
export function aggregates<Column extends {column?: z.ZodString}>(column: Column) {
  return z.discriminatedUnion(
    'aggregate',
    [
      z.strictObject({...column, aggregate: z.literal('sum'), field, absent: z.union([z.literal(0), z.literal(1)])}),
      z.strictObject({...column, aggregate: z.literal('count'), field: field.nullable()}),
      z.strictObject({...column, aggregate: z.enum(['min', 'max', 'avg', 'stddev']), field}),
      z.strictObject({...column, aggregate: z.enum(['first', 'last']), field, by}),
      z.strictObject({...column, aggregate: z.literal('distinct'), field, exactUpTo: counted(distinctExactUpToMax)}),
      z.strictObject({...column, aggregate: z.literal('quantile'), field, q: share}),
      z.strictObject({...column, aggregate: z.literal('topK'), field, k: counted(topKMax)}),
      z.strictObject({...column, aggregate: z.literal('histogram'), field, bounds}),
      z.strictObject({...column, aggregate: z.literal('collect'), field, max: counted(collectMax)}),
    ],
    {error: 'an aggregate such as sum("price")'},
  )
}

/** What an aggregate of a rule carries; its messages are written for rule authors. */
export const aggregateSpecSchema = aggregates({})
