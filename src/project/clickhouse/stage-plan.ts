/** A plan on ClickHouse whose answer stays there: in a table for it alone, of which the account is read before any row moves. */
import {randomBytes} from 'node:crypto'
import {type Account, histogramLabels} from '../../engine/index.ts'
import {clickhousePlace, longBytesMin, type StagedRows, type Staging} from '../../sinks/index.ts'
import {clickhouse, stageColumns, stageOf} from '../../sql/index.ts'
import {checkBad} from '../../worker/index.ts'
import {answerOf} from './answer.ts'
import {isDenied} from './engine-error.ts'
import {stageKeptMs} from './limits.ts'
import {linesOf, type PlanRequest, scanProgress} from './run-plan.ts'

export interface StagedAnswer {
  readonly staged: StagedRows
  readonly account: Account
}

const prefix = 'inferno_rows_'

/**
 * The connection drops the table when it is closed. What a killed run left is dropped by a later one.
 *
 * @returns undefined when the user may not make tables: then rows have to come back
 * @throws as `runPlan`
 */
export async function stagePlan(request: PlanRequest, staging: Staging): Promise<StagedAnswer | undefined> {
  const {connection, compiled, signal} = request
  const {database} = clickhousePlace(staging.target)
  const named = (name: string): string => `${clickhouse.identifier(database)}.${clickhouse.identifier(name)}`
  const table = named(`${prefix}${Date.now()}_${randomBytes(4).toString('hex')}`)
  const {create, fill, look, keysets} = stageOf(compiled, {
    table,
    source: linesOf(request),
    longBytesMin,
    labelsOf: histogramLabels,
  })
  try {
    await connection.command(create, {}, signal)
  } catch (error) {
    if (isDenied(error)) return undefined
    throw error
  }
  connection.dropAtEnd(table)
  for (const old of await leftTables(request, database))
    await connection.command(`DROP TABLE IF EXISTS ${named(old)}`, {}, signal)
  const progress = scanProgress(request)
  await connection.fill(fill, {signal, onProgress: progress.take})
  const {account} = answerOf(compiled, await connection.rows(look, {signal}), progress.bytes())
  if (request.maxBad !== undefined) checkBad(account, request.maxBad)
  return {staged: {table, columns: stageColumns, keysets}, account}
}

/** Tables of runs that were killed, by the time in their names. */
async function leftTables({connection, signal}: PlanRequest, database: string): Promise<readonly string[]> {
  const names = await connection.rows(
    'SELECT name FROM system.tables WHERE database = {database:String} AND startsWith(name, {prefix:String})',
    {params: {database, prefix}, signal},
  )
  return names.flatMap(([name]) => {
    const madeAtMs = Number(/^inferno_rows_(\d+)_[0-9a-f]{8}$/.exec(String(name))?.[1])
    return madeAtMs < Date.now() - stageKeptMs ? [String(name)] : []
  })
}
