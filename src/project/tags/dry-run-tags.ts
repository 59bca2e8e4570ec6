/** What a run over tags would read, leave out and write: nothing is read but names, nothing is changed. */
import {formatBytes, printable} from '../../base/index.ts'
import type {ClusterClient} from '../../client/index.ts'
import type {Params, Rule} from '../../rules/index.ts'
import {sourceTagsOf, subRulesOf} from '../../rules/index.ts'
import type {RowSink} from '../../sinks/index.ts'
import type {RunSource} from '../run/index.ts'
import {batchNotes, reachOf, sortBatches} from './batch-owner.ts'
import type {InputChoice, InputOverrides} from './choose-input.ts'
import {findKept, type KeptCount} from './find-kept.ts'
import {findSkipped} from './find-skipped.ts'
import {shownMax, skipsShownMax} from './limits.ts'
import {marksOf} from './mark-archive.ts'
import {readBatchPlace} from './open-batch.ts'
import {innerSource, type PreparedRule, prepareRule, type TreeContext} from './prepare-rule.ts'
import {type SkippedChunk, skippedText} from './skipped-text.ts'

export interface TagDryRun {
  readonly rule: string
  /** Rules that run first, because this one reads their rows. */
  readonly inner: readonly TagDryRun[]
  readonly format: string
  /** Prefixes that are asked for. */
  readonly requested: readonly string[]
  readonly tags: readonly {
    readonly tag: string
    readonly blobs: number
    readonly bytes: number
    /** Done by an earlier run. */
    readonly archived: number
    /** Beyond maxBlobs. */
    readonly left: number
    readonly empty: number
    /** Read under another tag or name. */
    readonly repeated: number
  }[]
  /** What would be read. */
  readonly blobs: readonly {
    readonly tag: string
    readonly blob: string
    readonly bytes: number | null
    /** Its statistics rule out that any record is used: it would not be read. Absent otherwise. */
    readonly skipped?: SkippedChunk
  }[]
  readonly urls: readonly string[]
  /** As stored; of the blobs that would be read. */
  readonly bytes: number
  /** Before compression, and records, where they are known of all blobs. */
  readonly rawBytes: number | null
  readonly records: number | null
  /** Of them, what nodes keep from an earlier run: it is not scanned again. null: nothing is kept or taken (`--no-cache`, `forceLocal`). */
  readonly kept: KeptCount | null
  /** Of them, what would not be read because of its statistics. null: the rule never skips chunks. */
  readonly skipped: {
    readonly blobs: number
    readonly bytes: number
    readonly rawBytes: number
    readonly records: number
  } | null
  readonly skipReason: string | null
  /** Inputs of a batch that an earlier run began and that would come first. */
  readonly unfinished: number | null
  /** Names under which blobs would be marked as done. */
  readonly archiveNames: readonly string[]
  readonly sink: {readonly name: string; readonly ddl: readonly string[]} | null
  readonly resultTag: string | null
  readonly warnings: readonly string[]
  readonly keysets: readonly {readonly name: string; readonly columns: readonly string[]}[]
}

export interface TagDryRunRequest {
  readonly source: RunSource
  readonly params: Params
  readonly cluster: ClusterClient
  readonly overrides: InputOverrides
  readonly force: boolean
  readonly usesCache: boolean
  /** Bad records are kept in a file: other partials than those without. */
  readonly keepsBad: boolean
  readonly resultTag?: string | undefined
  readonly sink?: RowSink | undefined
  readonly nowMs: number
  readonly signal: AbortSignal
}

/** @throws UserError TAG_NOT_FOUND */
export async function tagDryRun(request: TagDryRunRequest): Promise<TagDryRun> {
  const {source, sink, cluster, signal} = request
  const context = dryContext(request)
  const inner = await Promise.all(
    [...new Set(subRulesOf(source.rule))].map(rule =>
      tagDryRun({...request, source: innerSource(source, rule), sink: undefined, resultTag: undefined}),
    ),
  )
  const prepared = await prepareRule(source, context, false)
  const {plan, choice, name} = prepared
  const reach = reachOf(source.rule, request.overrides.tags)
  const found =
    sink?.isExactlyOnce === true && reach.length > 0
      ? await sortBatches((await readBatchPlace(cluster, name, signal)).batches, {
          rule: name,
          reach,
          planHash: prepared.planHash,
          sink,
        })
      : undefined
  const keptBlobs = request.usesCache ? await findKept(prepared, {cluster, keepsBad: request.keepsBad, signal}) : null
  const skipped = await findSkipped(prepared, keptBlobs?.blobs ?? new Set(), {cluster, signal})
  const blobs = choice.chosen.map(({tag, entry}) => {
    const why = skipped?.get(entry.identity)
    return {tag, blob: entry.identity, bytes: entry.bytes ?? null, ...(why === undefined ? {} : {skipped: why})}
  })
  const total = (of: 'rawBytes' | 'recordCount'): number | null =>
    choice.chosen.reduce<number | null>((sum, {entry: {entry}}) => {
      const value = entry.type === 'blob' ? entry[of] : undefined
      return sum === null || value === undefined ? null : sum + value
    }, 0)
  return {
    rule: plan.rule,
    inner,
    format: plan.format.format,
    requested: choice.requested.tags,
    tags: tagCounts(choice),
    blobs,
    urls: sourceTagsOf(source.rule).length === 0 && inner.length > 0 ? [] : choice.urls,
    bytes: choice.chosen.reduce((sum, {entry}) => sum + (entry.bytes ?? 0), 0),
    rawBytes: total('rawBytes'),
    records: total('recordCount'),
    kept: keptBlobs?.count ?? null,
    skipped: skipped === null ? null : skippedCount(blobs),
    skipReason: prepared.skipReason ?? null,
    unfinished: found?.begun?.inputs.length ?? null,
    archiveNames: marksOf(choice).map(([name]) => name),
    sink: sink === undefined ? null : {name: sink.name, ddl: await sink.ddl()},
    resultTag: request.resultTag ?? source.rule.options.resultTag ?? null,
    warnings: [...warningsOf(prepared, source.rule, sink), ...(found === undefined ? [] : batchNotes(name, found))],
    keysets: plan.keysets.map(({name, columns}) => ({name, columns})),
  }
}

function skippedCount(blobs: TagDryRun['blobs']): NonNullable<TagDryRun['skipped']> {
  const all = blobs.flatMap(({bytes, skipped}) => (skipped === undefined ? [] : [{...skipped, bytes: bytes ?? 0}]))
  const sum = (of: 'bytes' | 'rawBytes' | 'recordCount'): number => all.reduce((total, one) => total + one[of], 0)
  return {blobs: all.length, bytes: sum('bytes'), rawBytes: sum('rawBytes'), records: sum('recordCount')}
}

function warningsOf({choice}: PreparedRule, {options}: Rule, sink: RowSink | undefined): string[] {
  const warnings = [...choice.warnings]
  if (sink === undefined || options.archive !== true) return warnings
  if (!sink.isExactlyOnce) {
    warnings.push(`${sink.name} cannot tell a batch that comes again: after a crash rows may count twice`)
  }
  return warnings
}

/** A tree in which nothing is scanned. */
function dryContext(request: TagDryRunRequest): TreeContext {
  const {source, params, cluster, overrides, force, signal} = request
  const nothing = (): never => {
    throw new Error('a dry run reads nothing')
  }
  return {
    request: {
      source,
      params,
      cluster,
      overrides,
      keepsJob: true,
      force,
      usesCache: false,
      allowsMissing: false,
      engine: 'auto',
      memoryBytes: 0,
      threads: 1,
      maxBad: undefined,
      keepsBad: false,
      scan: nothing,
      deliver: nothing,
      clockMs: () => request.nowMs,
      onProgress: () => undefined,
      onNote: () => undefined,
      signal,
    },
    folder: '',
    startedAtMs: request.nowMs,
    rows: new Map(),
    inner: [],
    runs: [],
    signal,
  }
}

type TagCount = {-readonly [Name in keyof TagDryRun['tags'][number]]: TagDryRun['tags'][number][Name]}

function tagCounts(choice: InputChoice): TagDryRun['tags'] {
  const counts = new Map<string, TagCount>(
    choice.matched.tags.map(tag => [tag, {tag, blobs: 0, bytes: 0, archived: 0, left: 0, empty: 0, repeated: 0}]),
  )
  for (const {tag, entry} of choice.chosen) {
    const count = counts.get(tag)
    if (count === undefined) continue
    count.blobs++
    count.bytes += entry.bytes ?? 0
  }
  for (const name of ['archived', 'left', 'empty', 'repeated'] as const) {
    for (const {tag} of choice[name]) {
      const count = counts.get(tag)
      if (count !== undefined) count[name]++
    }
  }
  return [...counts.values()]
}

const reasons = {
  archived: 'done already',
  left: 'beyond maxBlobs',
  empty: 'empty',
  repeated: 'read elsewhere',
} as const

/** `inferno run --dry-run` over tags for people. */
export function tagDryRunText(dry: TagDryRun, indent = ''): string {
  const lines = [
    `rule     ${dry.rule}`,
    `format   ${dry.format}`,
    ...(dry.inner.length === 0 ? [] : [`first    ${dry.inner.map(({rule}) => rule).join(', ')}, whose rows it reads`]),
    ...listed('asks', dry.requested.map(printable)),
    ...listed('tags', dry.tags.map(tagText)),
    ...listed('urls', dry.urls.map(printable)),
    `reads    ${blobsText(dry)}`,
    ...(dry.kept === null || dry.blobs.length === 0 ? [] : [`cached   ${keptText(dry)}`]),
    ...skipLines(dry).map((line, index) => `${index === 0 ? 'skips   ' : '        '} ${line}`),
    ...(dry.unfinished === null ? [] : [`first    the ${dry.unfinished} inputs that an earlier run left unfinished`]),
    ...(dry.skipReason === null ? [] : [`skipped  ${dry.skipReason}`]),
    ...listed('archive', dry.archiveNames),
    ...(dry.resultTag === null ? [] : [`keeps    rows under ${dry.resultTag}:…`]),
    ...(dry.sink === null ? [] : [`sink     ${dry.sink.name}`, ...dry.sink.ddl.map(text => `         ${text}`)]),
    ...dry.keysets.map(keyset => `keyset   ${keyset.name}: ${keyset.columns.map(printable).join(', ')}`),
    ...dry.warnings.map(text => `warning  ${printable(text)}`),
  ]
  const own = lines.map(line => `${indent}${line}\n`).join('')
  const inner = dry.inner.map(each => `\n${tagDryRunText(each, `${indent}  `)}`).join('')
  const end = indent === '' ? 'nothing was read; leave out --dry-run to run it\n' : ''
  return `${own}${inner}${end}`
}

function blobsText({blobs, bytes, rawBytes, records}: TagDryRun): string {
  const raw = rawBytes === null || rawBytes === 0 ? '' : `, ${formatBytes(rawBytes)} of text`
  const count = records === null || records === 0 ? '' : `, ${records} records`
  return `${blobs.length === 1 ? '1 blob' : `${blobs.length} blobs`} (${formatBytes(bytes)} stored${raw}${count})`
}

/** What nodes keep of the blobs that would be read. */
export function keptText({kept, blobs}: Pick<TagDryRun, 'kept' | 'blobs'>): string {
  if (kept === null || kept.blobs === 0) return 'nothing; all blobs are scanned'
  const all = kept.blobs === blobs.length ? 'nothing is scanned' : `${blobs.length - kept.blobs} to scan`
  return `${kept.blobs} of ${blobs.length} blobs (${formatBytes(kept.bytes)} stored) are kept from earlier runs; ${all}`
}

/** Which of the blobs would not be read because of their statistics, and why: the sum, then the first ones by name. */
export function skipLines({blobs, skipped}: Pick<TagDryRun, 'blobs' | 'skipped'>): string[] {
  if (skipped === null || skipped.blobs === 0) return []
  const all = blobs.flatMap(blob => (blob.skipped === undefined ? [] : [{...blob, skipped: blob.skipped}]))
  const sum = skippedText(
    all.map(one => one.skipped),
    skipped.bytes,
    blobs.length === 1 ? '1 blob' : `${blobs.length} blobs`,
  )
  const named = all
    .slice(0, skipsShownMax)
    .map(one => `${printable(one.tag)} ${one.blob.slice(0, 12)}: ${one.skipped.because}`)
  const more = all.length > named.length ? [`… and ${all.length - named.length} more`] : []
  return [`by statistics ${sum}`, ...named, ...more]
}

function tagText(tag: TagDryRun['tags'][number]): string {
  const out = (['archived', 'left', 'empty', 'repeated'] as const)
    .filter(name => tag[name] > 0)
    .map(name => `${tag[name]} ${reasons[name]}`)
  const read = `${tag.blobs === 1 ? '1 blob' : `${tag.blobs} blobs`}, ${formatBytes(tag.bytes)}`
  return `${printable(tag.tag)}  ${[read, ...out].join('; ')}`
}

/** The first ones by name, each on its line behind the label; the others are counted. */
function listed(label: string, texts: readonly string[]): string[] {
  const shown = texts.slice(0, shownMax)
  if (texts.length > shown.length) shown.push(`… and ${texts.length - shown.length} more`)
  return shown.map((text, index) => `${(index === 0 ? label : '').padEnd(8)} ${text}`)
}
