/** A plan on ClickHouse: compiled, asked, answered. */
import {UserError} from '../../base/index.ts'
import {type Params, type Plan, planHash} from '../../rules/index.ts'
import {
  type ClickhouseLines,
  type CompiledSql,
  clickhouse,
  clickhouseLines,
  compileSql,
  runQuery,
} from '../../sql/index.ts'
import {checkBad, type MaxBad, type ScanSnapshot} from '../../worker/index.ts'
import {answerOf, type EngineAnswer} from './answer.ts'
import type {ClickhouseConnection, QueryProgress} from './connection.ts'

export interface PlanRequest {
  readonly connection: ClickhouseConnection
  readonly compiled: CompiledSql
  readonly sources: readonly ClickhouseLines[]
  readonly maxBad: MaxBad | undefined
  readonly onProgress: (snapshot: ScanSnapshot) => void
  readonly signal: AbortSignal
}

/** @throws UserError BAD_RULE with everything for which there is no exact query */
export function compiledFor(plan: Plan, params: Params): CompiledSql {
  const compiled = compileSql({plan, params, dialect: clickhouse, isFinishedHere: true})
  if (!('refused' in compiled)) return compiled
  throw new UserError('BAD_RULE', `${plan.rule} has no exact query for clickhouse: ${compiled.refused.join('; ')}`, {
    hint: 'change what is named, or run the rule here with --engine auto',
  })
}

/** @throws as ClickhouseConnection.rows and answerOf; UserError TOO_MANY_BAD */
export async function runPlan(request: PlanRequest): Promise<EngineAnswer> {
  const {connection, compiled, signal} = request
  const progress = scanProgress(request)
  const rows = await connection.rows(runQuery(compiled, linesOf(request)), {signal, onProgress: progress.take})
  const answer = answerOf(compiled, rows, progress.bytes())
  if (request.maxBad !== undefined) checkBad(answer.account, request.maxBad)
  return answer
}

/** The query of the lines that are read. @throws UserError BAD_ENGINE for a table where a first line is needed */
export function linesOf({compiled: {needsHeader}, sources}: PlanRequest): string {
  if (needsHeader && sources.some(({type}) => type === 'table')) {
    throw new UserError(
      'BAD_ENGINE',
      'the rule takes the names of its fields from the first line, and no row of a table is the first',
      {
        hint: "name the fields in the rule: format: {type: 'csv', fields: [...]}",
      },
    )
  }
  return clickhouseLines(sources, needsHeader)
}

/** The server's progress as that of a scan. */
export function scanProgress({onProgress}: PlanRequest): {
  readonly take: (progress: QueryProgress) => void
  readonly bytes: () => number
} {
  let last = 0
  return {
    take: ({bytes, rows}) => {
      last = bytes
      onProgress({sourceBytes: bytes, sourceBytesTotal: null, bytes, records: rows, bad: 0, scanners: []})
    },
    bytes: () => last,
  }
}

/** `RULE@PLAN-clickhouse-STAMP` */
export const engineJob = (plan: Plan, stamp: string): string =>
  `${plan.rule}@${planHash(plan).slice(0, 8)}-clickhouse-${stamp}`
