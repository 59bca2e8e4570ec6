/** A run over tags whose scan is ClickHouse's: everything around it stays as it is. */
import {randomUUID} from 'node:crypto'
import {UserError} from '../../base/index.ts'
import type {Plan} from '../../rules/index.ts'
import type {ClusterInput, ClusterScanRequest} from '../tags/cluster-scan.ts'
import type {RuleScan, ScanBlobs} from '../tags/rule-scan.ts'
import {blobLines} from './blob-lines.ts'
import type {ClickhouseConnection} from './connection.ts'
import {runEstimating} from './estimated-run.ts'
import {finishedRows, scanParams} from './finish-run.ts'
import {compiledFor, engineJob} from './run-plan.ts'

/** Reads blobs where they lie. The connection is the caller's. */
export const scanOnClickhouse =
  (connection: ClickhouseConnection): ScanBlobs =>
  request =>
    scan(connection, request)

async function scan(connection: ClickhouseConnection, request: ClusterScanRequest): Promise<RuleScan> {
  const {plan, inputs, maxBad, onProgress, signal} = request
  const params = await scanParams(request)
  const compiled = compiledFor(plan, params)
  for (const input of inputs) checkFormat(plan, input)
  const {engine} = connection
  const {sources, missing} = await blobLines(inputs, {...request, engine})
  const answer = await runEstimating({connection, compiled, sources, maxBad, onProgress, signal}, plan, params)
  const {rows, account} = await finishedRows(request, answer)
  return {
    job: engineJob(plan, randomUUID().slice(0, 8)),
    cached: [],
    missing,
    skipped: [],
    threads: 1,
    spilledBytes: 0,
    rows,
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
