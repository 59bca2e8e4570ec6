/** A plan asked, and asked again with estimates where different values turn out to be too many to be counted as a rule counts them. */
import type {Params, Plan} from '../../rules/index.ts'
import {clickhouse, compileSql} from '../../sql/index.ts'
import {BeyondExact, type EngineAnswer} from './answer.ts'
import {type PlanRequest, runPlan} from './run-plan.ts'

/**
 * The first query makes no estimates: they cost each record a hash, and most rules never need them.
 *
 * @param params - with which the query was compiled
 * @throws as `runPlan`
 */
export async function runEstimating(request: PlanRequest, plan: Plan, params: Params): Promise<EngineAnswer> {
  try {
    return await runPlan(request)
  } catch (error) {
    if (!(error instanceof BeyondExact)) throw error
    return await runEstimated(request, plan, params, error)
  }
}

/** The second query. @param beyond - why it is asked @throws as `runPlan` */
export async function runEstimated(
  request: PlanRequest,
  plan: Plan,
  params: Params,
  beyond: BeyondExact,
): Promise<EngineAnswer> {
  const compiled = compileSql({plan, params, dialect: clickhouse, isFinishedHere: true, estimates: true})
  // It may have become too long: then the reason is the number of values.
  if ('refused' in compiled) throw beyond
  return runPlan({...request, compiled})
}
