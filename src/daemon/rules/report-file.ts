/** What a run wrote about itself. */
import {readFileSync, statSync} from 'node:fs'
import * as z from 'zod/mini'
import {errorCodeOf} from '../../base/index.ts'
import type {RunOutcome} from './events.ts'
import {reportBytesMax} from './limits.ts'

/** What the daemon looks at; the rest is kept as it is. */
const schema = z.looseObject({
  state: z.enum(['done', 'skipped', 'failed']),
  reason: z.optional(z.string()),
  error: z.optional(z.looseObject({code: z.string(), message: z.string(), hint: z.optional(z.string())})),
  seconds: z.number(),
  rowCounts: z.record(z.string(), z.number()),
})

/**
 * @returns undefined when there is none
 */
export function readReport(path: string): RunOutcome | undefined {
  let text: string
  try {
    const {size} = statSync(path)
    if (size > reportBytesMax) return {type: 'failed', message: `its report has ${size} bytes, more than is read`}
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') return undefined
    throw error
  }
  const parsed = schema.safeParse(parseOrNothing(text))
  if (!parsed.success) return {type: 'failed', message: 'its report cannot be understood'}
  const {state, reason, error, seconds, rowCounts} = parsed.data
  // Someone ended it: that says nothing of the rule.
  if (error?.code === 'INTERRUPTED') return {type: 'gone'}
  const hint = error?.hint === undefined ? '' : `\n${error.hint}`
  return {
    type: 'report',
    state,
    message: error === undefined ? reason : `${error.message}${hint}`,
    rowCount: Object.values(rowCounts).reduce((total, count) => total + count, 0),
    seconds,
    json: text,
  }
}

function parseOrNothing(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
