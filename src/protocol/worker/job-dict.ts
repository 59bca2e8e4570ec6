/**
 * What a pack of Disco wants, as a job of ours: version 2 names a pipeline, version 1 (classic map and reduce) is translated.
 *
 * | map? | reduce? | nr_reduces | reduce_shuffle? | stages |
 * | --- | --- | --- | --- | --- |
 * | no | no | | | none: results are the inputs |
 * | no | yes | 1 | | reduce(group-all) |
 * | no | yes | other | | reduce(group-label) |
 * | yes | no | | | map(split), map_shuffle(group-node) |
 * | yes | yes | 1 | | map, map_shuffle, reduce(group-all) |
 * | yes | yes | other | | map, map_shuffle, reduce(group-label) |
 *
 * and with reduce_shuffle, where reduces are not 1: reduce_shuffle(group-node) behind.
 */
import {printable} from '../../base/index.ts'
import {type Grouping, parseGrouping, pipelineProblems, type Stage} from '../../pipeline/index.ts'
import {broken, type DiscoPack} from './job-pack.ts'
import {packInputsMax, prefixCharsMax} from './limits.ts'

export interface DiscoInput {
  readonly label: number
  /** A hint. */
  readonly bytes: number
  /** Of the same bytes. */
  readonly urls: readonly string[]
}

export interface DiscoJob {
  readonly prefix: string
  readonly owner: string
  /** Path of the executable below the job home. */
  readonly worker: string
  readonly pipeline: readonly Stage[]
  readonly inputs: readonly DiscoInput[]
  readonly isSaved: boolean
  /** Tasks at the same time; undefined: any number. */
  readonly slotsMax: number | undefined
  /** Of ours, in `scheduler`: seconds of one run, bytes of its memory, failures of one task. */
  readonly taskSeconds: number | undefined
  readonly memoryBytes: number | undefined
  readonly failuresMax: number | undefined
}

type Dict = Readonly<Record<string, unknown>>

/** What Disco takes when nothing is said. */
const coresUnlimited = 2 ** 31

/** @throws UserError JOB_FILE_BROKEN in Disco's words */
export function readDiscoJob({version, jobDict: dict}: Pick<DiscoPack, 'version' | 'jobDict'>): DiscoJob {
  const prefix = prefixOf(textOf(dict, 'prefix'))
  const worker = workerOf(textOf(dict, 'worker'))
  const owner = textOf(dict, 'owner')
  const scheduler = memberOf(dict, 'scheduler')
  if (!isObject(scheduler)) throw broken("invalid payload: 'scheduler' is no object")
  const maxCores = numberIn(scheduler, 'max_cores')
  checkSaveInfo(dict)
  return {
    prefix,
    owner,
    worker,
    pipeline: version === 2 ? pipelineOf(memberOf(dict, 'pipeline')) : classicPipeline(dict),
    inputs: version === 2 ? inputsOf(memberOf(dict, 'inputs')) : classicInputs(memberOf(dict, 'input')),
    isSaved: flagOf(dict, 'save_results', 'invalid_job_save_results'),
    slotsMax: maxCores === undefined || maxCores >= coresUnlimited ? undefined : maxCores,
    taskSeconds: numberIn(scheduler, 'task_seconds'),
    memoryBytes: numberIn(scheduler, 'task_memory'),
    failuresMax: numberIn(scheduler, 'max_failures'),
  }
}

const isObject = (value: unknown): value is Dict => typeof value === 'object' && value !== null && !Array.isArray(value)

function memberOf(dict: Dict, key: string): unknown {
  if (Object.hasOwn(dict, key)) return dict[key]
  throw broken(`jobpack missing key '${key}'`)
}

function textOf(dict: Dict, key: string): string {
  const value = memberOf(dict, key)
  if (typeof value === 'string') return value
  throw broken(`invalid payload: '${key}' is no text`)
}

/** Disco refuses `/` and `.` and documents letters, digits and `_`; `-` is harmless and was used. */
function prefixOf(text: string): string {
  if (/^[A-Za-z0-9_][A-Za-z0-9_-]*$/.test(text) && text.length <= prefixCharsMax) return text
  throw broken('invalid prefix')
}

/** Relative to the job home, and in it. */
function workerOf(text: string): string {
  const parts = text.split('/').filter(part => part !== '' && part !== '.')
  const isInside = parts.length > 0 && !parts.includes('..') && !/[\\\0]/.test(text)
  if (isInside) return parts.join('/')
  throw broken("invalid payload: 'worker' is no path in the job home")
}

function numberIn(scheduler: Dict, key: string): number | undefined {
  const value = scheduler[key]
  if (value === undefined || value === null) return undefined
  if (typeof value === 'number' && Number.isSafeInteger(value) && value > 0) return value
  throw broken(`invalid payload: scheduler '${key}' is no whole number above 0`)
}

function flagOf(dict: Dict, key: string, problem: string): boolean {
  const value = dict[key] ?? false
  if (typeof value === 'boolean') return value
  throw broken(problem)
}

function checkSaveInfo(dict: Dict): void {
  const value = dict['save_info'] ?? 'ddfs'
  if (typeof value !== 'string' || !/^(?:ddfs|hdfs)/.test(value)) throw broken('invalid_job_save_info')
  if (value.startsWith('hdfs') && dict['save_results'] === true)
    throw broken('invalid_job_save_info: results are saved to DDFS only, not to HDFS')
}

function pipelineOf(value: unknown): Stage[] {
  if (!Array.isArray(value)) throw broken('Invalid job pipeline: it is no list')
  const stages = value.map((row: unknown): Stage => {
    const isStage = Array.isArray(row) && row.length === 3 && typeof row[0] === 'string' && typeof row[2] === 'boolean'
    if (!isStage) throw broken('Invalid job pipeline: a stage is [name, grouping, true or false]')
    const [name, text, isConcurrent] = row as [string, unknown, boolean]
    const grouping = typeof text === 'string' ? parseGrouping(text) : undefined
    if (grouping === undefined) throw broken(`invalid grouping '${shown(text)}'`)
    return {name, grouping, isConcurrent}
  })
  if (new Set(stages.map(({name}) => name)).size < stages.length) throw broken('repeated_pipeline_stages')
  const [problem] = pipelineProblems(stages)
  if (problem !== undefined) throw broken(`Invalid job pipeline: ${problem}`)
  return stages
}

function classicPipeline(dict: Dict): Stage[] {
  const [hasMap, hasReduce, isShuffled] = (['map?', 'reduce?', 'reduce_shuffle?'] as const).map(key =>
    flagOf(dict, key, `invalid payload: '${key}' is not true or false`),
  )
  const reduces = memberOf(dict, 'nr_reduces')
  const stage = (name: string, grouping: Grouping): Stage => ({name, grouping, isConcurrent: false})
  const isOne = reduces === 1
  return [
    ...(hasMap ? [stage('map', 'split'), stage('map_shuffle', 'group-node')] : []),
    ...(hasReduce ? [stage('reduce', isOne ? 'group-all' : 'group-label')] : []),
    ...(hasReduce && isShuffled && !isOne ? [stage('reduce_shuffle', 'group-node')] : []),
  ]
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0
const areUrls = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.length > 0 && value.every(url => typeof url === 'string' && url !== '')

function inputsOf(value: unknown): DiscoInput[] {
  return listOf(value).map(row => {
    const [label, bytes, urls] = Array.isArray(row) && row.length === 3 ? (row as unknown[]) : []
    if (isCount(label) && isCount(bytes) && areUrls(urls)) return {label, bytes, urls}
    throw broken('invalid_job_inputs')
  })
}

function classicInputs(value: unknown): DiscoInput[] {
  return listOf(value).map(row => {
    const urls: unknown = typeof row === 'string' ? [row] : row
    if (areUrls(urls)) return {label: 0, bytes: 0, urls}
    throw broken('invalid_job_inputs')
  })
}

function listOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value) && value.length <= packInputsMax) return value
  throw broken('invalid_job_inputs')
}

const shown = (value: unknown): string => printable(String(value).slice(0, 80))
