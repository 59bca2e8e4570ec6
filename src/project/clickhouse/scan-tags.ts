/** A run over tags whose scan is ClickHouse's: everything around it stays as it is. */
import {randomUUID} from 'node:crypto'
import {UserError} from '../../base/index.ts'
import type {Plan} from '../../rules/index.ts'
import type {ClusterInput, ClusterScanRequest} from '../tags/cluster-scan.ts'
import type {RuleScan, ScanBlobs} from '../tags/rule-scan.ts'
import {askPlan} from './ask-plan.ts'
import {blobLines} from './blob-lines.ts'
import type {ClickhouseConnection} from './connection.ts'
import {scanParams} from './finish-run.ts'
import {compiledFor, engineJob} from './run-plan.ts'
import {type RowsOf, rowsWay} from './stay.ts'

export interface ScannedRows extends Partial<RowsOf> {
  /** What a person should know. */
  readonly onNote?: (line: string) => void
}

/** Reads blobs where they lie. The connection is the caller's. @param rowsOf - the rule whose rows may stay there */
export const scanOnClickhouse =
  (connection: ClickhouseConnection, rowsOf: ScannedRows = {}): ScanBlobs =>
  request =>
    scan(connection, request, rowsOf)

async function scan(
  connection: ClickhouseConnection,
  request: ClusterScanRequest,
  {rule, sink, resultTag, onNote = () => undefined}: ScannedRows,
): Promise<RuleScan> {
  const {plan, inputs} = request
  const scanned = await scanParams(request)
  const compiled = compiledFor(plan, scanned)
  for (const input of inputs) checkFormat(plan, input)
  const {engine} = connection
  const {sources, missing} = await blobLines(inputs, {...request, engine})
  const own = {rule: request.rule, sink: request.rule === rule ? sink : undefined, resultTag}
  const way = await rowsWay(own, engine.target)
  const asked = {...request, connection, compiled, sources, scanned, way, onNote}
  const {rows, account, staged} = await askPlan(asked)
  return {
    job: engineJob(plan, randomUUID().slice(0, 8)),
    cached: [],
    missing,
    skipped: [],
    threads: 1,
    spilledBytes: 0,
    rows,
    staged,
    textRows: () => undefined,
    account,
    badLines: () => [],
    close: async () => undefined,
  }
}

/** Rows of inner rules are JSON lines, whatever the rule itself reads. */
function checkFormat(plan: Plan, {name, format}: ClusterInput): void {
  if (format === undefined || format.format === plan.format.format) return
  throw new UserError('BAD_ENGINE', `${name} are ${format.format}, and ${plan.rule} reads ${plan.format.format}`, {
    hint: 'a query reads one format: run it here with --engine auto',
  })
}
