/** The kept rows of a job as a run whose rows can be delivered once more. */
import {UserError} from '../../base/index.ts'
import type {ClusterClient} from '../../client/index.ts'
import {type Account, emptyAccount, type ResultRow} from '../../engine/index.ts'
import {compilePlan, type Params} from '../../rules/index.ts'
import {partHeaders} from '../run/part-headers.ts'
import {overlayParams} from '../run/rule-params.ts'
import {headersOf, type RuleRun, type RunSource} from '../run/run-rule.ts'
import {type KeptRows, keptLines} from './keep-rows.ts'
import {rowParser} from './parse-rows.ts'

export interface KeptRun {
  readonly about: KeptRows
  readonly run: RuleRun
}

/**
 * Reads the rows of a job into memory: results are small tables.
 *
 * @param about - what `keptRowsOf` found of the job
 * @throws UserError WRONG_STATE when the job was of another rule; INPUT_UNREADABLE when the rows do not fit the rule as it is now
 */
export async function keptRun(
  source: RunSource,
  about: KeptRows,
  given: {readonly client: ClusterClient; readonly params: Params; readonly signal: AbortSignal},
): Promise<KeptRun> {
  const {rule, module, keyset} = source
  const {plan} = compilePlan(rule, {module, keyset})
  if (about.rule !== plan.rule) {
    throw new UserError('WRONG_STATE', `${about.job} is a job of ${about.rule}, not of ${plan.rule}`, {exitCode: 2})
  }
  const parse = rowParser(partHeaders(plan))
  const rows: ResultRow[] = []
  for await (const line of keptLines(given.client, about.job, given.signal)) {
    if (line.includes('{')) rows.push(parse(line))
  }
  const account: Account = emptyAccount()
  const run: RuleRun = {
    plan,
    rule,
    jobId: about.job,
    headers: headersOf(plan),
    params: overlayParams(rule.options.params, given.params),
    threads: 0,
    spilledBytes: 0,
    inner: [],
    rows: () => rows,
    textRows: () => undefined,
    account: () => account,
    badLines: () => [],
    cleanUp: () => Promise.resolve(),
    close: () => undefined,
  }
  return {about, run}
}
