/** Which days of a range a rule still has to read: the gap report, and what `inferno backfill` then runs day by day. */

import {UserError} from '../../base/index.ts'
import type {ClusterClient} from '../../client/index.ts'
import {
  batchId,
  compilePlan,
  dayText,
  type Params,
  parseDay,
  planHash,
  type Rule,
  subRulesOf,
} from '../../rules/index.ts'
import type {RowSink} from '../../sinks/index.ts'
import type {RunSource} from '../run/index.ts'
import {chooseInput} from './choose-input.ts'
import {inputOfEntry} from './inputs-of.ts'
import {backfillDaysMax} from './limits.ts'

export interface BackfillDay {
  /** YYYY-MM-DD */
  readonly day: string
  /** `waits`: to be run. `done`: archived, or the sink has the batch. */
  readonly state: 'waits' | 'done' | 'no tag' | 'no blobs'
  readonly blobs: number
  readonly bytes: number
}

export interface BackfillPlan {
  readonly rule: string
  /** Oldest first. */
  readonly days: readonly BackfillDay[]
}

export interface BackfillRequest {
  readonly source: RunSource
  readonly params: Params
  readonly client: ClusterClient
  readonly from: string
  readonly to: string
  readonly sink?: RowSink | undefined
  readonly nowMs: number
  readonly signal: AbortSignal
}

/** @throws UserError BAD_FLAG for days that do not exist or are in the wrong order, TAG_NOT_FOUND */
export async function planBackfill(request: BackfillRequest): Promise<BackfillPlan> {
  const {source, client, params, sink, nowMs, signal} = request
  const {plan} = compilePlan(source.rule, {module: source.module, keyset: source.keyset})
  const leaves = leavesOf(source.rule)
  const days: BackfillDay[] = []
  for (const day of daysBetween(request.from, request.to)) {
    const choices = await Promise.all(
      leaves.map(rule => chooseInput(rule, {dayStart: day, dayRange: 1}, {client, params, nowMs, signal})),
    )
    const chosen = choices.flatMap(choice => choice.chosen)
    const left = choices.flatMap(choice => choice.left)
    const archived = choices.flatMap(choice => choice.archived)
    const waiting = [...chosen, ...left]
    const bytes = [...waiting, ...archived].reduce((sum, {entry}) => sum + (entry.bytes ?? 0), 0)
    const about = {day, blobs: waiting.length + archived.length, bytes}
    if (choices.every(({matched}) => matched.tags.length === 0)) days.push({...about, state: 'no tag'})
    else if (about.blobs === 0) days.push({...about, state: 'no blobs'})
    else if (waiting.length === 0) days.push({...about, state: 'done'})
    else {
      const inputs = chosen.map(one => inputOfEntry(one))
      const id = batchId(
        plan.rule,
        planHash(plan),
        inputs.map(({identity}) => identity),
      )
      const isLone = leaves[0] === source.rule
      const isThere = isLone && sink?.isExactlyOnce === true && left.length === 0 && (await sink.hasBatch(id))
      days.push({...about, state: isThere ? 'done' : 'waits'})
    }
  }
  return {rule: plan.rule, days}
}

/** The rules of a tree that read tags by day: days given from outside are for them (D43). */
function leavesOf(rule: Rule): readonly Rule[] {
  const inner = [...new Set(subRulesOf(rule))]
  return inner.length === 0 ? [rule] : [...new Set(inner.flatMap(leavesOf))]
}

/** @throws UserError BAD_FLAG */
function daysBetween(from: string, to: string): readonly string[] {
  const [first, last] = [parseDay(from), parseDay(to)]
  if (first === undefined) throw badDay('--from', from)
  if (last === undefined) throw badDay('--to', to)
  if (last < first) {
    throw new UserError('BAD_FLAG', `--to ${to} is before --from ${from}`, {exitCode: 2, hint: 'change the two'})
  }
  if (last - first >= backfillDaysMax) {
    throw new UserError('BAD_FLAG', `${last - first + 1} days are more than the ${backfillDaysMax} of one backfill`, {
      exitCode: 2,
      hint: 'do it in parts',
    })
  }
  return Array.from({length: last - first + 1}, (_, index) => dayText(first + index))
}

function badDay(flag: string, text: string): UserError {
  return new UserError('BAD_FLAG', `${flag} "${text}" is not a day`, {hint: 'write it as 2026-11-23', exitCode: 2})
}
