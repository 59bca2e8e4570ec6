/** Everything of a rule but the scan: what it reads, with the rows of the rules among its sources made first. */

import type {BlobEntry} from '../../protocol/index.ts'
import {
  compilePlan,
  type Params,
  type Plan,
  planHash,
  type Rule,
  readsOnlyRules,
  subRulesOf,
  whyNotEnough,
} from '../../rules/index.ts'
import {callHook} from '../../worker/index.ts'
import {overlayParams} from '../run/rule-params.ts'
import {headersOf, type RunSource} from '../run/run-rule.ts'
import {type AddedTimes, addedTimes} from './added-times.ts'
import type {AttemptOptions} from './attempts.ts'
import {chooseInput, type InputChoice, type InputOverrides} from './choose-input.ts'
import {innerRowsKey, innerRowsPath, keptInnerRows, storeInnerRows} from './inner-rules.ts'
import {inputOfEntry, inputOfUrl, type RunInput} from './inputs-of.ts'
import {writeRowFile} from './row-files.ts'
import type {RunReport} from './run-report.ts'
import type {TagRun, TagRunRequest} from './run-request.ts'
import {scanHere} from './scan-here.ts'

/** A rule of the tree, ready to be scanned. */
export interface PreparedRule {
  readonly source: RunSource
  /** `module.rule` */
  readonly name: string
  readonly plan: Plan
  readonly planHash: string
  /** One object for all hooks of this process. */
  readonly params: Params
  readonly choice: InputChoice
  readonly inputs: readonly RunInput[]
  /** What it would read and does not. */
  readonly backlog: RunReport['backlog']
  /** Why it does not run; undefined: it does. */
  readonly skipReason: string | undefined
}

/** One whole run: shared by the rules of a tree. */
export interface TreeContext {
  readonly request: TagRunRequest
  /** For files of rows. */
  readonly folder: string
  readonly startedAtMs: number
  /** Each rule object runs once, however often it is named. */
  readonly rows: Map<Rule, Promise<RunInput | undefined>>
  /** Inner rules in the order in which they were prepared. */
  readonly inner: PreparedRule[]
  /** Scans of inner rules, to be closed. */
  readonly runs: TagRun[]
  readonly signal: AbortSignal
}

const noOverrides: InputOverrides = {}

/** Overrides are for the innermost rules (D43). @throws as `chooseInput` */
export async function prepareRule(
  source: RunSource,
  context: TreeContext,
  makesInnerRows = true,
): Promise<PreparedRule> {
  const {rule} = source
  const {request, signal} = context
  const {plan} = compilePlan(rule, {module: source.module, keyset: source.keyset})
  const params = overlayParams(rule.options.params, request.params)
  const inner = [...new Set(subRulesOf(rule))]
  const overrides = inner.length === 0 ? request.overrides : noOverrides
  const choice = await chooseInput(rule, overrides, {
    client: request.cluster,
    params: request.params,
    nowMs: context.startedAtMs,
    signal,
  })
  for (const warning of choice.warnings) request.onNote(`${plan.rule}: ${warning}`)
  const times = await addedTimes(request.cluster, tagsOf(choice), choice.histories, signal)
  const innerRows = makesInnerRows ? await rowsOfInner(source, inner, context) : []
  const inputs = [
    ...innerRows,
    ...choice.chosen.map(one => inputOfEntry(one, timeOf(one, times))),
    ...(readsOnlyRules(rule) ? [] : choice.urls.map(url => inputOfUrl(rule, url))),
  ]
  const hasTags = choice.requested.tags.length > 0 || inner.length > 0
  const {force} = request
  const skipReason = whyNotEnough({
    inputCount: makesInnerRows ? inputs.length : inputs.length + inner.length,
    minBlobs: rule.options.minBlobs ?? 1,
    hasTags,
    force,
  })
  return {
    source,
    name: plan.rule,
    plan,
    planHash: planHash(plan),
    params,
    choice,
    inputs,
    backlog: backlogOf(skipReason === undefined ? choice.left : [...choice.chosen, ...choice.left], times),
    skipReason: skipReason === undefined ? undefined : explained(skipReason, choice),
  }
}

type Chosen = InputChoice['chosen'][number]

/** Tags of which something is read or waits, those that are read first. */
function tagsOf({chosen, left, filledTags}: InputChoice): ReadonlyMap<string, number> {
  return new Map([...chosen, ...left].map(({tag}) => [tag, filledTags.get(tag) ?? 0]))
}

const timeOf = ({tag, entry: {place}}: Chosen, times: AddedTimes): number | undefined =>
  place === undefined ? undefined : times(tag, place)

function backlogOf(waiting: readonly Chosen[], times: AddedTimes): RunReport['backlog'] {
  const known = waiting.flatMap(one => timeOf(one, times) ?? [])
  return {
    blobs: waiting.length,
    bytes: waiting.reduce((sum, {entry}) => sum + (entry.bytes ?? 0), 0),
    ...(known.length === 0 ? {} : {oldestAtMs: known.reduce((oldest, time) => Math.min(oldest, time))}),
  }
}

function explained(reason: string, {archived, requested, matched}: InputChoice): string {
  const told = [
    ...(archived.length > 0 ? [`${archived.length} blobs are done already`] : []),
    ...(matched.tags.length === 0 && requested.days !== null ? [`no tag is of ${daysText(requested.days)}`] : []),
  ]
  return told.length === 0 ? reason : `${reason} (${told.join('; ')})`
}

const daysText = (days: readonly string[]): string =>
  days.length === 1 ? `${days[0]}` : `${days.at(-1)} to ${days[0]}`

/** All at the same time; the first failure stops the others, and all have ended when it is thrown. */
async function rowsOfInner(outer: RunSource, inner: readonly Rule[], context: TreeContext): Promise<RunInput[]> {
  if (inner.length === 0) return []
  const failed = new AbortController()
  const shared = {...context, signal: AbortSignal.any([context.signal, failed.signal])}
  let failure: {readonly error: unknown} | undefined
  const found = await Promise.all(
    inner.map(async rule => {
      try {
        return await rowsOnce(innerSource(outer, rule), shared)
      } catch (error) {
        failure ??= {error}
        failed.abort()
        return undefined
      }
    }),
  )
  if (failure !== undefined) throw failure.error
  return found.filter(input => input !== undefined)
}

/** A rule among the sources of another. */
export function innerSource({module, address, rule: outer}: RunSource, rule: Rule): RunSource {
  const path = address === null ? [] : [...address.path, subRulesOf(outer).indexOf(rule)]
  return {rule, module, address: address && {file: address.file, path}}
}

function rowsOnce(source: RunSource, context: TreeContext): Promise<RunInput | undefined> {
  const known = context.rows.get(source.rule)
  if (known !== undefined) return known
  const made = makeInnerRows(source, context)
  context.rows.set(source.rule, made)
  return made
}

/** @returns undefined when the inner rule has nothing to read: no input of the outer one */
async function makeInnerRows(source: RunSource, context: TreeContext): Promise<RunInput | undefined> {
  const {request, signal} = context
  const prepared = await prepareRule(source, context)
  const {name, plan} = prepared
  if (prepared.skipReason !== undefined) {
    request.onNote(`${name}, a source of the rule, gives nothing: ${prepared.skipReason}`)
    return undefined
  }
  context.inner.push(prepared)
  const key = innerRowsKey(source.rule, plan, prepared.params, prepared.inputs)
  const attempts = {what: `rows of ${name}`, onNote: request.onNote, signal}
  const kept =
    key === undefined || !request.usesCache ? undefined : await keptInnerRows(request.cluster, name, key, signal)
  if (kept === undefined) request.onNote(`running ${name}, a source of the rule`)
  else request.onNote(`the rows of ${name}, a source of the rule, are kept from an earlier run`)
  const entry = kept ?? (await scannedRows(prepared, key, context, attempts))
  return {
    input: {
      name: `rows of ${name}`,
      addresses: [`blob://${entry.blob}`],
      bytes: entry.bytes,
      format: {format: 'json'},
    },
    identity: entry.blob,
    isImmutable: true,
  }
}

async function scannedRows(
  prepared: PreparedRule,
  key: string | undefined,
  context: TreeContext,
  attempts: AttemptOptions,
): Promise<BlobEntry> {
  const run = await scanRule(prepared, context, false)
  context.runs.push(run)
  const file = writeRowFile(innerRowsPath(context.folder), prepared.plan, run.rows())
  const {bad, in: count} = run.account()
  if (bad > 0) context.request.onNote(`${prepared.name}: ${bad} of ${count} records were bad`)
  // What a missing blob would have given must not be kept for a run that has it.
  const isWhole = run.scan.missing.length === 0
  return storeInnerRows(context.request.cluster, prepared.name, isWhole ? key : undefined, file, attempts)
}

/** What a scan needs of a prepared rule. */
export type Scannable = Pick<PreparedRule, 'source' | 'plan' | 'params' | 'inputs'>

/** Calls the rule's init hook and scans. The caller closes the run. */
export async function scanRule(
  {source, plan, params, inputs}: Scannable,
  context: TreeContext,
  isOutermost: boolean,
): Promise<TagRun> {
  const {request, signal} = context
  const {rule, address} = source
  await callHook('ruleInitFunction', plan.rule, () => rule.options.ruleInitFunction?.(params))
  const scan = rule.options.scheduler?.forceLocal === true ? hereWith(request.threads) : request.scan
  const result = await scan({
    plan,
    rule,
    address,
    params,
    inputs: inputs.map(({input}) => input),
    engine: request.engine,
    memoryBytes: request.memoryBytes,
    maxBad: request.maxBad,
    keepsBad: isOutermost && request.keepsBad,
    usesCache: request.usesCache,
    allowsMissing: request.allowsMissing,
    cluster: request.cluster,
    onProgress: isOutermost ? request.onProgress : () => undefined,
    onJob: info => request.onJob?.(info, isOutermost),
    signal,
  })
  return {
    scan: result,
    inputs: inputs.map(({input}) => input),
    plan,
    rule,
    jobId: result.job,
    params,
    headers: headersOf(plan),
    threads: result.threads,
    spilledBytes: result.spilledBytes,
    unusedFiles: result.unusedFiles,
    inner: isOutermost ? context.runs : [],
    rows: () => result.rows(),
    staged: result.staged,
    textRows: templateOf => result.textRows(templateOf),
    account: () => result.account(),
    badLines: () => result.badLines(),
    cleanUp: () => callHook('ruleCleanup', plan.rule, () => rule.options.ruleCleanup?.({jobId: result.job, params})),
    close: () => result.close(),
  }
}

const hereWith =
  (threads: number): TagRunRequest['scan'] =>
  request =>
    scanHere(request, threads)
