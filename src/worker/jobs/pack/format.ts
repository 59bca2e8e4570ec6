/**
 * The job pack, version 1: all that a node needs to run tasks of a job, in one file that is named by its SHA-256.
 *
 *     pack   = "DISCPAK1"  u32 bytes of the header (little-endian)  header  contents
 *     header = JSON: {"version": 1, "plan": …, "jobFile": "code/jobs/sort.ts", "entries": [["code/jobs/sort.ts", bytes, sha256], …]}
 *
 * Contents lie one behind the other in the order of the entries, which is that of their paths; there are no times, owners or
 * links in it. So the same job gives the same bytes wherever and whenever it is packed.
 */
import {z} from 'zod'
import {groupings} from '../../../pipeline/index.ts'
import {packEntryCountMax, packPathCharsMax} from '../limits.ts'

export const packMagic: Buffer = Buffer.from('DISCPAK1', 'latin1')
export const packHeadBytes = 12

/** Relative, slashes, no `.` or `..`, nothing that a file system reads as something else. */
export function isPackPath(path: string): boolean {
  if (path === '' || path.length > packPathCharsMax || /[\\:\0-\x1f\x7f]/.test(path) || !path.isWellFormed())
    return false
  return path.split('/').every(part => part !== '' && part !== '.' && part !== '..' && Buffer.byteLength(part) <= 255)
}

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
  limits: z.object({
    memoryBytes: z.number().positive(),
    sortBytes: z.number().positive(),
    taskSeconds: z.number().positive(),
    badRecords: count.nullable(),
    slots: limit,
    failures: limit,
  }),
})

export const packHeaderSchema = z.object({
  version: z.literal(1),
  plan: jobPlanSchema,
  jobFile: z.string().refine(isPackPath, 'a path in the pack'),
  /** Where the job's `files` are, in the pack; they are entries below it. */
  filesFolder: z.string().refine(isPackPath, 'a path in the pack'),
  entries: z
    .array(z.tuple([z.string().refine(isPackPath, 'a path in the pack'), count, z.string().regex(/^[0-9a-f]{64}$/)]))
    .max(packEntryCountMax),
})

export type PackHeader = z.infer<typeof packHeaderSchema>
