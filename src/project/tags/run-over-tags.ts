/**
 * One run of a rule over tags: choose, scan, deliver, keep, archive, in that order, and a report in every case.
 *
 *     place read -> chosen -> place claimed -> sink asked -> scanned -> delivered -> kept -> marked -> place given back -> cleaned up
 *
 * Killed anywhere, the next run brings the rest: before the delivery it does the same batch again, after it the sink has the batch
 * and only the marks are set (open-batch.ts). That holds for sinks that take a batch once; other rows come at least once.
 */
import {join} from 'node:path'
import {ClusterError, InvariantError} from '../../base/index.ts'
import {batchId, compilePlan, planHash, type Rule, resultTagName, subRulesOf} from '../../rules/index.ts'
import type {Batch} from '../../sinks/index.ts'
import {makeRunFolder, removeRunFolder} from '../../worker/index.ts'
import {overlayParams} from '../run/rule-params.ts'
import type {RunSource} from '../run/run-rule.ts'
import {writeRows} from '../run/write-rows.ts'
import {type AttemptOptions, withAttempts} from './attempts.ts'
import {batchNotes, inputsText, reachOf, sortBatches} from './batch-owner.ts'
import {scopeOf} from './choose-input.ts'
import {keepRows} from './keep-rows.ts'
import {type Marks, markArchived, markedTagsOf, marksOf} from './mark-archive.ts'
import {changePlace, marksWithout, withoutMissing} from './missing-inputs.ts'
import {claimBatch, isOpen, type OpenBatch, readBatchPlace, releaseBatches} from './open-batch.ts'
import {type PreparedRule, prepareRule, scanRule, type TreeContext} from './prepare-rule.ts'
import {keeperOf} from './replace-rows.ts'
import {Reporter} from './reporter.ts'
import {writeRowFile} from './row-files.ts'
import type {Delivery, TagRun, TagRunOutcome, TagRunRequest} from './run-request.ts'

/** How often a run chooses again because others ran the same rule meanwhile. */
const claimCountMax = 8

/** Runs a rule, with the rules among its sources first. Never throws for what went wrong in the run: that is in the outcome. */
export async function runOverTags(request: TagRunRequest): Promise<TagRunOutcome> {
  const startedAtMs = request.clockMs()
  const reporter = new Reporter(request, startedAtMs)
  const folder = makeRunFolder()
  const context: TreeContext = {
    request,
    folder,
    startedAtMs,
    rows: new Map(),
    inner: [],
    runs: [],
    signal: request.signal,
  }
  try {
    const work = await workOf(context, reporter)
    if (work.type === 'skip') return {report: reporter.skipped(work.reason)}
    await doBatch(work, context, reporter)
    return {report: reporter.done()}
  } catch (error) {
    if (error instanceof InvariantError) throw error
    return {report: reporter.failed(error), error}
  } finally {
    for (const run of context.runs) await run.close()
    removeRunFolder(folder)
  }
}

type Work = {readonly type: 'skip'; readonly reason: string} | BatchWork

interface BatchWork {
  readonly type: 'batch'
  readonly source: RunSource
  readonly batch: OpenBatch
  /** Undefined for a batch of an earlier run: it was prepared then. */
  readonly prepared: PreparedRule | undefined
  /** The place is this batch's. */
  readonly hasPlace: boolean
  /** The sink has it: known before it was asked about this batch. */
  readonly isWritten: boolean
}

/** Finishes what an earlier run left, and says what there is to do. */
async function workOf(context: TreeContext, reporter: Reporter): Promise<Work> {
  const {request} = context
  const {source, sink, cluster, signal} = request
  const {plan} = compilePlan(source.rule, {module: source.module, keyset: source.keyset})
  const needsPlace = sink?.isExactlyOnce === true && archivesAnything(source.rule)
  // Asked for before the plan is hashed: what hashes is loaded for that, three milliseconds in which the cluster answers.
  const preparing = needsPlace ? undefined : prepareRule(source, context)
  const hash = planHash(plan)
  reporter.plan(plan.rule, hash)
  const reach = reachOf(source.rule, request.overrides.tags)
  for (let tried = 0; tried < claimCountMax; tried++) {
    const place = needsPlace ? await readBatchPlace(cluster, plan.rule, signal) : undefined
    const found =
      place === undefined || sink === undefined
        ? undefined
        : await sortBatches(place.batches, {rule: plan.rule, reach, planHash: hash, sink})
    const notes = found === undefined ? [] : batchNotes(plan.rule, found)
    if (tried === 0) for (const note of notes) request.onNote(note)
    if (found?.begun !== undefined) {
      request.onNote(`an earlier run left ${inputsText(found.begun)} unfinished; they come first`)
      const {begun: batch, isWritten} = found
      return {type: 'batch', source, batch, prepared: undefined, hasPlace: true, isWritten}
    }
    context.rows.clear()
    context.inner.length = 0
    const prepared = await (preparing ?? prepareRule(source, context))
    reporter.chosen(prepared)
    if (prepared.skipReason !== undefined) return {type: 'skip', reason: prepared.skipReason}
    const batch = batchOf(prepared, context)
    if (place === undefined || found === undefined || batch.marks.length === 0) {
      return {type: 'batch', source, batch, prepared, hasPlace: false, isWritten: false}
    }
    if (await claimBatch(cluster, plan.rule, batch, place, found.stale, signal)) {
      return {type: 'batch', source, batch, prepared, hasPlace: true, isWritten: false}
    }
  }
  throw new ClusterError('OVERLOADED', `other runs of ${plan.rule} are going on`, {
    hint: 'wait for them to end; one at a time is enough',
  })
}

function archivesAnything(rule: Rule): boolean {
  return rule.options.archive === true || subRulesOf(rule).some(archivesAnything)
}

function batchOf(prepared: PreparedRule, {request, inner, runs}: TreeContext): OpenBatch {
  const {name, planHash: hash, inputs, choice} = prepared
  const identities = inputs.map(({identity}) => identity)
  // Inner rules count as done when the outer one has (D41).
  const marks = joinMarks([...inner.map(own => marksOfInner(own, runs)), marksOf(choice)])
  const tags = new Set([...inner.map(own => own.choice), choice].flatMap(one => markedTagsOf(one, marks)))
  return {
    id: batchId(name, hash, identities),
    planHash: hash,
    scope: scopeOf(choice.requested, request.overrides),
    inputs,
    marks,
    tags: [...tags],
    ...(request.sink === undefined ? {} : {sink: request.sink.place}),
  }
}

/** Of what it has read. */
function marksOfInner({source, choice, inputs}: PreparedRule, runs: readonly TagRun[]): Marks {
  const missing = runs.find(({rule}) => rule === source.rule)?.scan.missing ?? []
  return marksWithout(marksOf(choice), new Set(missing.map(number => inputs[number]!.identity)))
}

function joinMarks(lists: readonly Marks[]): Marks {
  const joined = new Map<string, Marks[number][1][number][]>()
  for (const [name, entries] of lists.flat()) joined.set(name, [...(joined.get(name) ?? []), ...entries])
  return [...joined]
}

async function doBatch(begun: BatchWork, context: TreeContext, reporter: Reporter): Promise<void> {
  let work = begun
  const {batch, source} = work
  const {request} = context
  const {cluster, signal, sink} = request
  const {plan} = compilePlan(source.rule, {module: source.module, keyset: source.keyset})
  const attempts = (what: string): AttemptOptions => ({what, onNote: request.onNote, signal})
  reporter.batch(batch)
  const isThere = work.isWritten || (sink !== undefined && (await sink.hasBatch(batch.id)))
  // Rows that are kept beside the sink are made again: whether they were stored, the sink cannot tell.
  let run: TagRun | undefined
  try {
    if (!isThere || keepsRows(context)) {
      const params = work.prepared?.params ?? overlayParams(source.rule.options.params, request.params)
      run = await scanRule({source, plan, params, inputs: batch.inputs}, context, true)
      reporter.scanned(run)
      work = await withWhatWasRead(work, run, context)
      reporter.narrowed(work.batch.id)
    }
    if (isThere) reporter.repeat()
    else if (run !== undefined) {
      const delivery = await delivered(run, work, context)
      reporter.delivered(delivery)
      await request.onDelivered?.(run, delivery)
    }
    if (run !== undefined) await keepResults(run, work, context)
    await markArchived(cluster, work.batch.marks, attempts('the archive'))
    if (work.hasPlace) {
      await withAttempts(attempts('the archive'), () => releaseBatches(cluster, plan.rule, [work.batch], signal))
    }
    for (const inner of context.runs) await inner.cleanUp()
    await run?.cleanUp()
  } finally {
    if (run !== undefined) {
      reporter.account(run.account())
      await run.close()
    }
  }
}

/** Without the inputs that nobody could give, if there are any. */
async function withWhatWasRead(work: BatchWork, run: TagRun, {request}: TreeContext): Promise<BatchWork> {
  if (run.scan.missing.length === 0) return work
  const batch = withoutMissing(run.plan.rule, work.batch, run.scan.missing)
  if (work.hasPlace) {
    await changePlace(request.cluster, run.plan.rule, {from: work.batch, to: batch}, request.signal)
  }
  return {...work, batch}
}

async function delivered(run: TagRun, work: BatchWork, context: TreeContext): Promise<Delivery> {
  const {request} = context
  const {sink, signal} = request
  if (sink === undefined) return request.deliver(run)
  if (work.hasPlace) await checkPlace(work, context)
  const batch: Batch = {
    id: work.batch.id,
    rule: run.plan.rule,
    planHash: work.batch.planHash,
    scope: work.batch.scope,
    blobCount: work.batch.inputs.length,
    startedAtMs: context.startedAtMs,
  }
  const receipt = await writeRows(sink, batch, run, signal)
  return {rowCounts: receipt.rowCounts, to: sink.name, receipt}
}

/** Who has lost the place to a run of a changed rule must not deliver what that one may have read too. */
async function checkPlace({batch}: BatchWork, {request}: TreeContext): Promise<void> {
  const rule = `${request.source.module}.${request.source.rule.options.name}`
  if (isOpen(await readBatchPlace(request.cluster, rule, request.signal), batch)) return
  if ((await request.sink?.hasBatch(batch.id)) === true) return
  throw new ClusterError('STALE_EPOCH', `another run of ${rule} has taken over its batch`, {
    retryable: true,
    hint: 'run it again',
  })
}

function keepsRows({request}: TreeContext): boolean {
  const {options} = request.source.rule
  return options.save === true || (request.resultTag ?? options.resultTag) !== undefined
}

/** Result tags, of the rule and of those among its sources. */
async function keepResults(run: TagRun, work: BatchWork, context: TreeContext): Promise<void> {
  const {request} = context
  const matched = work.batch.inputs.flatMap(({tag}) => tag ?? [])
  await keepOne(run, request.resultTag ?? run.rule.options.resultTag, matched, work.batch, context)
  for (const inner of context.runs) {
    const prepared = context.inner.find(({source}) => source.rule === inner.rule)
    if (prepared === undefined) continue
    const tags = prepared.choice.chosen.map(({tag}) => tag)
    await keepOne(inner, inner.rule.options.resultTag, tags, batchOf(prepared, {...context, inner: []}), context)
  }
}

async function keepOne(
  run: TagRun,
  resultTag: string | undefined,
  matched: readonly string[],
  batch: OpenBatch,
  {request, folder, startedAtMs, signal}: TreeContext,
): Promise<void> {
  const {options} = run.rule
  if (resultTag === undefined && options.save !== true) return
  const tag =
    resultTag === undefined
      ? null
      : resultTagName({
          resultTag,
          suffix: options.resultTagSuffix ?? true,
          matched,
          job: run.jobId,
          nowMs: startedAtMs,
          zone: options.timeZone ?? 'UTC',
        })
  // Rows of a rule that archives are those of what is new; others are all there are of their days, and stand in for the last ones.
  const keeper = options.archive === true ? undefined : keeperOf(run.plan.rule, batch.scope)
  // The batch names the blobs: the same rows again are the same entries.
  const {path} = writeRowFile(join(folder, `${keeper ?? ''}${batch.id.slice(0, 32)}.ndjson`), run.plan, run.rows())
  const about = {
    rule: run.plan.rule,
    job: run.jobId,
    planHash: batch.planHash,
    batch: batch.id,
    scope: batch.scope,
  }
  const attempts = {what: 'the result tag', onNote: request.onNote, signal}
  const keepsJob = options.save === true || request.keepsJob
  await keepRows({
    client: request.cluster,
    path,
    about,
    tag,
    keepsJob,
    keeper,
    nowMs: request.clockMs(),
    attempts,
  })
  request.onNote(tag === null ? `rows are kept as ${run.jobId}` : `rows are kept under ${tag}`)
}
