/** The plan at the edge of a process: what comes in as JSON is checked once, then trusted. */
import {z} from 'zod'
import type {Json} from '../base/index.ts'
import {UserError} from '../base/index.ts'
import {aggregates, counted} from './aggregate-schema.ts'
import {partitionCountMax} from './limits.ts'
import type {ExpressionNode, FormatNode, KeysetPlan, Plan, StepNode, TransformNode} from './plan.ts'

const text = z.string()
const texts = z.array(text).readonly()
const scalar = z.union([text, z.number(), z.boolean(), z.null()])

const functionRef = z.strictObject({step: z.literal('function'), hook: text, name: text})

const timeUnits = ['auto', 's', 'ms', 'us', 'ns'] as const
const transform: z.ZodType<TransformNode> = z.discriminatedUnion('transform', [
  z.strictObject({transform: z.enum(['toInt', 'toFloat', 'lower', 'upper', 'alphanumeric', 'urlHost', 'truncateIp'])}),
  z.strictObject({transform: z.literal('trimTo'), length: z.int().min(0)}),
  z.strictObject({transform: z.literal('padInt'), width: z.int().min(0), fill: text}),
  z.strictObject({transform: z.literal('replace'), pattern: text, replacement: text}),
  z.strictObject({transform: z.literal('extract'), pattern: text, group: z.union([z.int().min(0), text])}),
  z.strictObject({transform: z.literal('hashed'), salt: text, length: z.int().min(1)}),
  z.strictObject({transform: z.literal('withYear'), lastDay: z.iso.date()}),
  z.strictObject({transform: z.enum(['minute', 'hour', 'day', 'week']), zone: text, unit: z.enum(timeUnits)}),
  z.strictObject({transform: z.literal('function'), ref: functionRef}),
])

/** Getters, because expressions hold expressions. */
const expression: z.ZodType<ExpressionNode> = z.discriminatedUnion('expression', [
  z.strictObject({expression: z.literal('field'), path: text}),
  z.strictObject({expression: z.literal('param'), name: text}),
  z.strictObject({expression: z.literal('literal'), value: scalar}),
  z.strictObject({
    expression: z.literal('compare'),
    operator: z.enum(['==', '!=', '<', '<=', '>', '>=']),
    left: z.lazy(() => expression),
    right: z.lazy(() => expression),
  }),
  z.strictObject({expression: z.enum(['and', 'or']), operands: z.array(z.lazy(() => expression)).readonly()}),
  z.strictObject({expression: z.enum(['not', 'exists']), operand: z.lazy(() => expression)}),
  z.strictObject({expression: z.literal('in'), operand: z.lazy(() => expression), values: z.array(scalar).readonly()}),
  z.strictObject({expression: z.enum(['contains', 'startsWith', 'endsWith']), operand: z.lazy(() => expression), text}),
  z.strictObject({expression: z.literal('matches'), operand: z.lazy(() => expression), pattern: text}),
  z.strictObject({
    expression: z.literal('arithmetic'),
    operator: z.enum(['+', '-', '*', '/']),
    left: z.lazy(() => expression),
    right: z.lazy(() => expression),
  }),
  z.strictObject({
    expression: z.literal('transformed'),
    operand: z.lazy(() => expression),
    transforms: z.array(transform).readonly(),
  }),
])

/** The table of a lookup can be large: looked at, not copied. */
const lookupTable = z.custom<Readonly<Record<string, Readonly<Record<string, Json>>>>>(
  value => isObject(value) && Object.values(value).every(isObject),
  {error: 'an object of rows'},
)
function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const step: z.ZodType<StepNode> = z.discriminatedUnion('step', [
  z.strictObject({step: z.literal('where'), condition: expression}),
  z.strictObject({step: z.literal('select'), fields: texts}),
  z.strictObject({
    step: z.literal('derive'),
    fields: z.array(z.strictObject({name: text, value: expression})).readonly(),
  }),
  z.strictObject({step: z.enum(['explode', 'splitWords', 'parseJson']), field: text, as: text}),
  z.strictObject({
    step: z.literal('lookup'),
    field: text,
    table: lookupTable,
    columns: z.array(z.strictObject({column: text, as: text})).readonly(),
    unmatched: z.enum(['keep', 'drop']),
  }),
  functionRef,
])

const keyset: z.ZodType<KeysetPlan> = z.strictObject({
  name: text,
  keyParts: z.array(z.strictObject({name: text, field: text, transforms: z.array(transform).readonly()})).readonly(),
  values: z.array(aggregates({column: text})).readonly(),
  steps: z.array(step).readonly(),
  postprocess: z.array(functionRef).readonly(),
  columns: texts,
  extraColumns: texts,
  table: text.nullable(),
})

const format: z.ZodType<FormatNode> = z.discriminatedUnion('format', [
  z.strictObject({format: z.enum(['json', 'logfmt', 'common-log', 'combined-log'])}),
  z.strictObject({
    format: z.enum(['csv', 'dynamic']),
    fields: z.union([texts, z.literal('header'), z.null()]),
    delimiter: text.length(1),
  }),
  z.strictObject({format: z.literal('regex'), pattern: text}),
  z.strictObject({format: z.literal('custom'), ref: functionRef}),
])

/** The whole plan. Its type is held to `Plan` from both sides by a test. */
export const planSchema = z.strictObject({
  version: z.literal(1),
  rule: text,
  format,
  steps: z.array(step).readonly(),
  transforms: z.array(z.strictObject({field: text, chain: z.array(transform).readonly()})).readonly(),
  keysets: z.array(keyset).min(1).readonly(),
  fields: texts.nullable(),
  map: z.union([functionRef, z.literal('pairs'), z.null()]),
  combiner: functionRef.nullable(),
  partitioner: functionRef.nullable(),
  reduce: z.union([functionRef, z.literal('sorted'), z.null()]),
  partitions: counted(partitionCountMax),
  sort: z.boolean(),
  sortedResults: z.boolean(),
})

/**
 * Reads a plan that came from another process or a file.
 *
 * @throws UserError BAD_RULE naming the first place that is not as a plan should be
 */
export function parsePlan(json: unknown): Plan {
  const result = planSchema.safeParse(json)
  if (result.success) return result.data
  const issue = result.error.issues[0]!
  throw new UserError('BAD_RULE', `this is not a plan: ${issue.path.join('.') || 'plan'}: ${issue.message}`)
}
