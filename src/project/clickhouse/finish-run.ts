/** What a rule does to rows after they were added up, and what it calls around its scan, where the scan was a query. */
import {
  type Account,
  addAccount,
  emptyAccount,
  inLabelOrder,
  postprocessed,
  type ResultRow,
} from '../../engine/index.ts'
import type {Params, Plan, Rule} from '../../rules/index.ts'
import type {StagedRows} from '../../sinks/index.ts'
import {callHook, resolverOf} from '../../worker/index.ts'
import type {EngineAnswer} from './answer.ts'

export interface FinishedRule {
  readonly plan: Plan
  readonly rule: Rule
  /** All of them; hooks get this very object. */
  readonly params: Params
}

export interface FinishedRows {
  /** Rows that stayed on the server. Then `rows` must not be asked for. */
  readonly staged?: StagedRows
  /** Through the postprocessors of their keysets, as often as wanted. */
  rows(): Iterable<ResultRow>
  /** With what postprocessors threw; complete once the rows have been read. */
  account(): Account
}

/** Calls the reduceInitFunction, as before a reduce here. @throws UserError HOOK_FAILED */
export async function finishedRows({plan, rule, params}: FinishedRule, answer: EngineAnswer): Promise<FinishedRows> {
  await callHook('reduceInitFunction', plan.rule, () => rule.options.reduceInitFunction?.(params))
  const resolve = resolverOf(rule)
  let afterwards = emptyAccount()
  function* rows(): Generator<ResultRow> {
    const account = emptyAccount()
    yield* postprocessed(answer.rows, {plan, params, resolve, account})
    afterwards = account
  }
  return {
    rows,
    account: () => {
      const total = emptyAccount()
      addAccount(total, answer.account)
      addAccount(total, afterwards)
      return inLabelOrder(total)
    },
  }
}

/**
 * The parameters that a query is written with. A thread that scans calls the rule's mapInitFunction with its copy of the
 * parameters before conditions look at them; a query is one such thread.
 *
 * @throws UserError HOOK_FAILED
 */
export async function scanParams({plan, rule, params}: FinishedRule): Promise<Params> {
  const {mapInitFunction} = rule.options
  if (mapInitFunction === undefined) return params
  const own = {...params}
  await callHook('mapInitFunction', plan.rule, () => mapInitFunction(own))
  return own
}
