/** Asks a plan, and leaves its rows where they are wanted. */
import {InvariantError} from '../../base/index.ts'
import type {Params} from '../../rules/index.ts'
import {BeyondExact} from './answer.ts'
import {runEstimated, runEstimating} from './estimated-run.ts'
import {type FinishedRows, type FinishedRule, finishedRows} from './finish-run.ts'
import type {PlanRequest} from './run-plan.ts'
import {type StagedAnswer, stagePlan} from './stage-plan.ts'
import type {RowsWay} from './stay.ts'

export interface AskRequest extends PlanRequest, FinishedRule {
  /** With which the query was compiled. */
  readonly scanned: Params
  readonly way: RowsWay
  /** What a person should know. */
  readonly onNote: (line: string) => void
}

/** @throws as `runPlan`; UserError HOOK_FAILED */
export async function askPlan(request: AskRequest): Promise<FinishedRows> {
  const {way, plan, scanned, onNote} = request
  if (way.type === 'back') return finishedRows(request, await runEstimating(request, plan, scanned))
  try {
    const answer = await stagePlan(request, way.staging)
    if (answer !== undefined) return stayed(request, answer)
  } catch (error) {
    if (!(error instanceof BeyondExact)) throw error
    onNote('rows come back from ClickHouse, because numbers of different values are estimated here')
    return finishedRows(request, await runEstimated(request, plan, scanned, error))
  }
  onNote('rows come back from ClickHouse, because the user may not make tables there')
  return finishedRows(request, await runEstimating(request, plan, scanned))
}

async function stayed(request: AskRequest, answer: StagedAnswer): Promise<FinishedRows> {
  const {account} = await finishedRows(request, {rows: [], account: answer.account})
  const rows = (): never => {
    throw new InvariantError('rows that stay on the server are moved there')
  }
  return {staged: answer.staged, rows, account}
}
