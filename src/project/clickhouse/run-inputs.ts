/** A run over what ClickHouse reads by itself: tables, S3, addresses. */
import {createHash, randomUUID} from 'node:crypto'
import {isDeepStrictEqual} from 'node:util'
import {didYouMean, UserError} from '../../base/index.ts'
import {batchId, compilePlan, type Params, type Plan, planHash, type Rule, subRulesOf} from '../../rules/index.ts'
import type {RowSink} from '../../sinks/index.ts'
import {type ClickhouseLines, clickhouse, type S3Keys} from '../../sql/index.ts'
import {callHook} from '../../worker/index.ts'
import type {FileBatch} from '../run/file-batch.ts'
import {ownInputs} from '../run/rule-inputs.ts'
import {overlayParams} from '../run/rule-params.ts'
import {headersOf, type RuleRun, type RunSettings, type RunSource} from '../run/run-rule.ts'
import {askPlan} from './ask-plan.ts'
import type {ClickhouseConnection} from './connection.ts'
import {scanParams} from './finish-run.ts'
import {compressionsOf} from './look-inside.ts'
import {type NamedInput, namedInput, s3Lines} from './named-input.ts'
import {compiledFor, engineJob} from './run-plan.ts'
import {rowsWay} from './stay.ts'

export interface EngineInputs {
  readonly connection: ClickhouseConnection
  /** What was named; empty: what the rule's sourceUrls say. */
  readonly inputs: readonly string[]
  readonly params: Params
  readonly keys: S3Keys | undefined
  /** Takes the rows; undefined: they are printed, or written to files here. */
  readonly sink?: RowSink | undefined
}

/**
 * @throws UserError BAD_RULE for what has no exact query, BAD_FLAG for inputs that ClickHouse does not read, BAD_ENGINE
 */
export async function runOnClickhouse(
  source: RunSource,
  given: EngineInputs,
  settings: Pick<RunSettings, 'maxBad' | 'onProgress' | 'onNote' | 'signal'>,
): Promise<RuleRun> {
  const {rule} = source
  const {plan, params} = prepared(source, given)
  const {connection} = given
  const sources = await sourcesOf(namedInputs(rule, given), given, settings.signal)
  await callHook('ruleInitFunction', plan.rule, () => rule.options.ruleInitFunction?.(params))
  const {maxBad, onProgress = () => undefined, onNote = () => undefined, signal} = settings
  const way = await rowsWay({rule, sink: given.sink}, connection.engine.target)
  const scanned = await scanParams({plan, rule, params})
  const compiled = compiledFor(plan, scanned)
  const asked = {connection, compiled, sources, maxBad, onProgress, onNote, signal, plan, rule, params, scanned, way}
  const {rows, account, staged} = await askPlan(asked)
  const jobId = engineJob(plan, randomUUID().slice(0, 8))
  return {
    plan,
    rule,
    jobId,
    params,
    headers: headersOf(plan),
    threads: 1,
    spilledBytes: 0,
    inner: [],
    rows,
    staged,
    textRows: () => undefined,
    account,
    badLines: () => [],
    cleanUp: () => callHook('ruleCleanup', plan.rule, () => rule.options.ruleCleanup?.({jobId, params})),
    close: () => undefined,
  }
}

/**
 * The batch of a run: objects of S3 by path and ETag, so that the same ones count once. A table or an address may be another one
 * each time.
 *
 * @throws as `runOnClickhouse`
 */
export async function engineBatch(
  source: RunSource,
  given: EngineInputs,
  startedAtMs: number,
  signal: AbortSignal,
): Promise<FileBatch> {
  const {plan} = prepared(source, given)
  const inputs = namedInputs(source.rule, given)
  const objects = await allObjects(inputs, given, signal)
  const identities = [...objects, ...inputs.flatMap(({type}) => (type === 's3' ? [] : randomUUID()))]
  const hash = planHash(plan)
  const batch = {
    id: batchId(plan.rule, hash, identities),
    rule: plan.rule,
    planHash: hash,
    scope: 'all',
    blobCount: identities.length,
    startedAtMs,
  }
  const check = async (): Promise<void> => {
    const now = await allObjects(inputs, given, signal)
    if (isDeepStrictEqual(now, objects)) return
    throw new UserError('INPUT_UNREADABLE', 'objects came, went or changed while they were read; nothing was written', {
      hint: 'run it again when they are complete',
    })
  }
  return {batch, isUnknown: inputs.some(({type}) => type !== 's3'), check}
}

/** Tells before anything is asked what is refused, unless the rule's own functions make parameters first. @throws UserError BAD_RULE */
export function prepared(
  source: RunSource,
  {params: given}: Pick<EngineInputs, 'params'>,
): {
  readonly plan: Plan
  readonly params: Params
} {
  const {rule, module, keyset} = source
  if (subRulesOf(rule).length > 0) {
    throw new UserError('BAD_RULE', `${rule.options.name} reads the rows of other rules, which run over tags only`, {
      hint: 'run it without --input, or with --engine auto',
    })
  }
  const {plan} = compilePlan(rule, {module, keyset})
  const params = overlayParams(rule.options.params, given)
  const {ruleInitFunction, mapInitFunction} = rule.options
  if (ruleInitFunction === undefined && mapInitFunction === undefined) compiledFor(plan, params)
  return {plan, params}
}

/**
 * Each input once; those of the rule's own sourceUrls when none is named.
 *
 * @throws UserError BAD_FLAG when there is none, or for one that ClickHouse does not read; HOOK_FAILED, BAD_RULE as `ownInputs`
 */
export function namedInputs(
  rule: Rule,
  {inputs, params}: Pick<EngineInputs, 'inputs' | 'params'>,
): readonly NamedInput[] {
  const texts = inputs.length > 0 ? inputs : ownInputs(rule, {...rule.options.params, ...params})
  if (texts.length > 0) return [...new Set(texts)].map(namedInput)
  throw new UserError('BAD_FLAG', `${rule.options.name}: there is no input for ClickHouse`, {
    hint: 'name one: --input table:logs, --input s3://BUCKET/PATH, or tags',
    exitCode: 2,
  })
}

async function sourcesOf(
  inputs: readonly NamedInput[],
  given: EngineInputs,
  signal: AbortSignal,
): Promise<ClickhouseLines[]> {
  const sources: ClickhouseLines[] = []
  const {cluster} = given.connection.engine
  for (const input of inputs) {
    if (input.type === 'table') sources.push(await checkedTable(input, given.connection, signal))
    else if (input.type === 's3') sources.push(s3Lines(input.url, given.keys, cluster))
    else {
      const [compression = 'none'] = await compressionsOf([{name: input.url, urls: [input.url]}], signal)
      sources.push({type: 'urls', urls: [[input.url]], compression, cluster})
    }
  }
  return sources
}

type NamedTable = Extract<NamedInput, {readonly type: 'table'}>

/** Engines that merge rows by key: equal lines, or lines of one key, would become one at some time. */
const merging = /(?:Replacing|Collapsing|Summing|Aggregating|Coalescing)MergeTree/

/** A table that gives lines as they were put in. @throws UserError BAD_ENGINE */
async function checkedTable(
  input: NamedTable,
  connection: ClickhouseConnection,
  signal: AbortSignal,
): Promise<ClickhouseLines> {
  const {database, table, column} = input
  const shown = database === '' ? table : `${database}.${table}`
  const where = "database = if({database:String} = '', currentDatabase(), {database:String})"
  const params = {database, table}
  const columns = await connection.rows(
    `SELECT name, type FROM system.columns WHERE ${where} AND table = {table:String}`,
    {
      params,
      signal,
    },
  )
  const place = `${connection.engine.name}: table ${shown}`
  if (columns.length === 0) {
    throw new UserError('BAD_ENGINE', `${place} is not there`, {hint: 'name it: table:DATABASE.TABLE/COLUMN'})
  }
  const names = columns.map(([name]) => String(name))
  const type = columns.find(([name]) => name === column)?.[1]
  if (type === undefined) {
    throw new UserError('BAD_ENGINE', `${place} has no column ${column}.${didYouMean(column, names)}`, {
      hint: `its columns are: ${names.join(', ')}; name one: table:${shown}/COLUMN`,
    })
  }
  if (type !== 'String' && type !== 'LowCardinality(String)') {
    throw new UserError('BAD_ENGINE', `${place}: column ${column} is ${type}, and lines are String`, {
      hint: 'lines must stand there as they were in the log: other types have lost some of what they said',
    })
  }
  const [[engine = ''] = []] = await connection.rows(
    `SELECT engine FROM system.tables WHERE ${where} AND name = {table:String}`,
    {params, signal},
  )
  if (merging.test(String(engine))) {
    throw new UserError('BAD_ENGINE', `${place} is a ${engine}, which makes one row of several at some time`, {
      hint: 'keep lines in a MergeTree',
    })
  }
  return input
}

async function allObjects(
  inputs: readonly NamedInput[],
  given: EngineInputs,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const found: string[] = []
  for (const input of inputs) if (input.type === 's3') found.push(...(await objectsOf(input.url, given, signal)))
  return found.sort()
}

/** Path and ETag of every object that a pattern matches. @throws UserError BAD_ENGINE */
async function objectsOf(
  url: string,
  {connection, keys}: EngineInputs,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const {text} = clickhouse
  const open = keys === undefined ? [] : [text(keys.accessKey), text(keys.secretKey)]
  // One row an object, and nothing of it is read.
  const list = `SELECT _path, _etag FROM s3(${[text(url), ...open, "'One'"].join(', ')})`
  const objects = await connection.rows(list, {signal})
  return objects.map(([path, etag]) =>
    createHash('sha256')
      .update(JSON.stringify([path, etag]))
      .digest('hex'),
  )
}
