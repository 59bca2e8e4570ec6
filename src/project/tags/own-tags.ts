/** Tags that this program keeps for itself. Rules never match them. */
import {createHash} from 'node:crypto'
import {tagPart} from '../../rules/index.ts'

const prefix = '_inferno:'

export const isOwnTag = (tag: string): boolean => tag.startsWith(prefix)

/** Rows of an inner rule, by what they were made from. */
export const innerRowsTag = (rule: string): string => `${prefix}rows:${ruleParts(rule)}`

/** The batch of an archiving rule that has begun and is not archived. */
export const openBatchTag = (rule: string): string => `${prefix}batch:${ruleParts(rule)}`

/** Rows of one job that were kept. @param job - `RULE@STAMP` */
export const keptRowsTag = (job: string): string => `${prefix}job:${tagPart(job)}`

export const stagingPrefix = `${prefix}staging:`

/** Rows of a rule on their way to its result tag. */
export const stagingTag = (rule: string): string => `${stagingPrefix}${ruleParts(rule)}`

/** Readable, and different for different rules: dots are not allowed in names of tags. */
function ruleParts(rule: string): string {
  return `${tagPart(rule)}:${createHash('sha256').update(rule).digest('hex').slice(0, 12)}`
}
