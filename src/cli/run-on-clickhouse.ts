/** Runs whose scan is a query of ClickHouse: what can be asked of them, and the connection. */
import {UserError} from '../base/index.ts'
import {type Settings, secretOf} from '../client/index.ts'
import {
  ClickhouseConnection,
  type EngineInputs,
  engineBatch,
  type FileBatch,
  type RuleRun,
  type RunSettings,
  type RunSource,
  runOnClickhouse,
  type ScanBlobs,
  type ScannedRows,
  scanOnClickhouse,
} from '../project/index.ts'
import {type Rule, subRulesOf} from '../rules/index.ts'
import type {RowSink} from '../sinks/index.ts'
import type {SessionFlags} from './session-flags.ts'

export interface EngineRequest {
  readonly source: RunSource
  readonly address: string
  readonly inputs: readonly string[]
  readonly params: Readonly<Record<string, unknown>>
  readonly flags: SessionFlags & {readonly watch?: boolean}
  readonly settings: Settings
}

/** A run over what the engine reads by itself. */
export interface EngineRun extends AsyncDisposable {
  /** @param sink - takes the rows, which then may stay there */
  run(settings: RunSettings, sink: RowSink | undefined): Promise<RuleRun>
  batch(startedAtMs: number, signal: AbortSignal): Promise<FileBatch>
}

/** @throws UserError BAD_FLAG for flags that need the lines here, BAD_ENGINE for what is no address */
export async function openEngineRun({
  source,
  address,
  inputs,
  params,
  flags,
  settings,
}: EngineRequest): Promise<EngineRun> {
  checkFlags(flags)
  const connection = await ClickhouseConnection.open(address, process.env)
  const given: EngineInputs = {connection, inputs, params, keys: keysOf(settings)}
  return {
    run: (asked, sink) => runOnClickhouse(source, {...given, sink}, asked),
    batch: (startedAtMs, signal) => engineBatch(source, given, startedAtMs, signal),
    [Symbol.asyncDispose]: () => connection[Symbol.asyncDispose](),
  }
}

/** For a run over tags. @throws as openEngineRun; UserError BAD_RULE for a rule that is to be scanned here */
export async function openEngineScan(
  rule: Rule,
  address: string,
  flags: SessionFlags,
): Promise<{scan(rowsOf: ScannedRows): ScanBlobs} & AsyncDisposable> {
  checkFlags(flags)
  const local = localRule(rule)
  if (local !== undefined) {
    throw new UserError('BAD_RULE', `${local} says scheduler: {forceLocal: true}, and the engine is ClickHouse`, {
      hint: 'leave one of them out',
    })
  }
  const connection = await ClickhouseConnection.open(address, process.env)
  return {
    scan: rowsOf => scanOnClickhouse(connection, rowsOf),
    [Symbol.asyncDispose]: () => connection[Symbol.asyncDispose](),
  }
}

function localRule(rule: Rule): string | undefined {
  if (rule.options.scheduler?.forceLocal === true) return rule.options.name
  return subRulesOf(rule).flatMap(inner => localRule(inner) ?? [])[0]
}

function checkFlags(flags: EngineRequest['flags']): void {
  const names = (['sample', 'bad-out', 'watch'] as const).filter(
    name => flags[name] !== undefined && flags[name] !== false,
  )
  if (names.length === 0) return
  throw new UserError('BAD_FLAG', `--${names[0]} needs the lines here, and ClickHouse keeps them`, {
    hint: 'run it here: --engine auto',
    exitCode: 2,
  })
}

/** @throws UserError BAD_SETTING for half of a pair */
function keysOf({clickhouse: {s3AccessKey, s3SecretKey} = {}}: Settings): EngineInputs['keys'] {
  if (s3AccessKey === undefined && s3SecretKey === undefined) return undefined
  if (s3AccessKey === undefined || s3SecretKey === undefined) {
    throw new UserError('BAD_SETTING', 'clickhouse.s3AccessKey and clickhouse.s3SecretKey belong together', {
      exitCode: 2,
    })
  }
  return {accessKey: secretOf(s3AccessKey), secretKey: secretOf(s3SecretKey)}
}
