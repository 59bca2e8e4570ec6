/** The header of a job pack, checked where one is opened: who makes packs loads none of this. */
import {z} from 'zod'
import {messageOf} from '../../../base/index.ts'
import {groupings} from '../../../pipeline/index.ts'
import {type FormatNode, type Plan, parsePlan} from '../../../rules/index.ts'
import {packEntryCountMax} from '../limits.ts'
import {isPackPath, type RulePart} from './format.ts'

const count = z.int().nonnegative()
const limit = z.int().positive().nullable()

const jobPlanSchema = z.object({
  version: z.literal(1),
  name: z.string().min(1),
  description: z.string(),
  stages: z.array(
    z.object({
      name: z.string().min(1),
      grouping: z.enum([...groupings]),
      isConcurrent: z.boolean(),
      isMerged: z.boolean(),
      isSorted: z.boolean(),
      partitions: limit,
    }),
  ),
  inputs: z.array(z.array(z.string().min(1)).min(1)),
  inputNodes: z.array(z.string().nullable()).exactOptional(),
  mayMissInputs: z.boolean().exactOptional(),
  reader: z.union([
    z.object({type: z.enum(['lines', 'json', 'bytes', 'records', 'custom'])}),
    z.object({
      type: z.literal('csv'),
      fields: z.union([z.literal('header'), z.array(z.string())]),
      delimiter: z.string().length(1),
    }),
  ]),
  params: z.record(z.string(), z.unknown()),
  files: z.array(z.string().refine(isPackPath, 'a path below the folder of the job')),
  saveResults: z.string().nullable(),
  isProfiled: z.exactOptional(z.literal(true)),
  limits: z.object({
    memoryBytes: z.number().positive(),
    sortBytes: z.number().positive(),
    taskSeconds: z.number().positive(),
    badRecords: count.nullable(),
    slots: limit,
    failures: limit,
  }),
})

const planSchema = z.unknown().transform((json, context): Plan => {
  try {
    return parsePlan(json)
  } catch (error) {
    context.addIssue({code: 'custom', message: messageOf(error)})
    return z.NEVER
  }
})

/** A format is checked where it is used, as a part of a plan is. */
const formatSchema = z.looseObject({format: z.string()}).transform(format => format as unknown as FormatNode)

const ruleSchema: z.ZodType<RulePart> = z
  .object({
    work: z.object({
      plan: planSchema,
      params: z.base64(),
      engine: z.enum(['auto', 'row']),
      memoryBytes: z.number().positive(),
      keepsBad: z.boolean(),
      badMax: count.nullable(),
      usesCache: z.boolean(),
      allowsMissing: z.boolean(),
      rowsMachine: z.string().nullable(),
      address: z
        .object({file: z.string().refine(isPackPath, 'a path in the pack'), path: z.array(count).min(1)})
        .nullable(),
      cacheKey: z.string().regex(/^[0-9a-f]{64}$/),
    }),
    inputs: z.array(
      z.object({
        name: z.string(),
        addresses: z.array(z.string().min(1)).min(1),
        bytes: count.exactOptional(),
        format: formatSchema.exactOptional(),
      }),
    ),
    bundles: z.array(z.array(count).min(1)).exactOptional(),
  })
  .refine(
    ({inputs, bundles}) => bundles === undefined || areBundles(bundles, inputs.length),
    'bundles hold each input once, each its own in their order',
  )

function areBundles(bundles: readonly (readonly number[])[], length: number): boolean {
  const all = bundles.flat().sort((one, other) => one - other)
  const isOrdered = bundles.every(bundle => bundle.every((number, index) => index === 0 || number > bundle[index - 1]!))
  return isOrdered && all.length === length && all.every((number, index) => number === index)
}

export const packHeaderSchema = z.object({
  version: z.literal(1),
  kind: z.enum(['functions', 'rule']).default('functions'),
  plan: jobPlanSchema,
  rule: ruleSchema.nullable().default(null),
  /** Of a rule whose scan needs no code: empty. */
  jobFile: z.union([z.literal(''), z.string().refine(isPackPath, 'a path in the pack')]),
  /** Where the job's `files` are, in the pack; they are entries below it. */
  filesFolder: z.string().refine(isPackPath, 'a path in the pack'),
  entries: z
    .array(z.tuple([z.string().refine(isPackPath, 'a path in the pack'), count, z.string().regex(/^[0-9a-f]{64}$/)]))
    .max(packEntryCountMax),
})

export type PackHeader = z.infer<typeof packHeaderSchema>
