/** Results of a job that is done, as lines or as data. */
import {UserError} from '../../base/index.ts'
import type {JobClient} from '../../client/index.ts'
import type {JobResults} from '../../protocol/index.ts'
import {tabbed} from '../ddfs/text.ts'
import {note, writeOut} from '../ddfs/write-out.ts'
import {jobFailed} from './job-failed.ts'
import {pairLine, plainOf} from './pair-text.ts'
import {readPairs} from './read-pairs.ts'
import {printParts, type ResultPart, readParts} from './result-parts.ts'

/** Lines are gathered to about so many characters before they are written: a call a line is slow. */
const gatheredMax = 1 << 16

export interface ShownResults {
  readonly job: string
  readonly resultTag?: string
  /** What its tasks counted, by name. */
  readonly counters?: Readonly<Record<string, number>>
  /** Of `--json` only. */
  readonly results?: readonly (readonly [key: unknown, value: unknown])[]
  /** Instead of pairs, of a job whose worker writes what it likes: a part an output. Of `--json` only. */
  readonly parts?: readonly ResultPart[]
}

export interface ShowOptions {
  readonly json?: boolean | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * Prints the results; with `json` gives them back instead.
 *
 * @throws UserError JOB_FAILED, WRONG_STATE when there are none; ClusterError UNAVAILABLE
 */
export async function showResults(
  jobs: JobClient,
  job: string,
  results: JobResults,
  {json, signal}: ShowOptions,
): Promise<ShownResults> {
  checkDone(job, results)
  const {resultTag, counters = {}} = results
  const shown = await showOutputs(jobs, results, {json, signal})
  if (!json && resultTag !== undefined) note(`the results are kept under the tag ${resultTag}`)
  return {
    job,
    ...(resultTag === undefined ? {} : {resultTag}),
    ...(Object.keys(counters).length === 0 ? {} : {counters}),
    ...shown,
  }
}

/** Prints outputs, pairs or bytes; with `json` gives them back instead. @throws ClusterError UNAVAILABLE */
export async function showOutputs(
  jobs: JobClient,
  results: JobResults,
  {json, signal}: ShowOptions,
): Promise<Pick<ShownResults, 'results' | 'parts'>> {
  if (results.format === 'bytes') {
    if (json) return {parts: await readParts(jobs, results, signal)}
    await printParts(jobs, results, signal)
    return {}
  }
  if (!json) {
    await printPairs(jobs, results, signal)
    return {}
  }
  const pairs: (readonly [unknown, unknown])[] = []
  await readPairs(jobs, results, (key, value) => void pairs.push([plainOf(key), plainOf(value)]), signal)
  return {results: pairs}
}

/** One line an output: its addresses. */
export function urlsText(results: JobResults): string {
  return tabbed(results.outputs.map(({urls}) => urls))
}

/** @throws UserError JOB_FAILED, WRONG_STATE */
export function checkDone(job: string, {state, error}: JobResults): void {
  if (state === 'done') return
  if (state === 'failed') throw jobFailed(job, error)
  const hint = state === 'cancelled' ? 'submit it again with: disco run' : `wait for it with: disco wait ${job}`
  throw new UserError('WRONG_STATE', `job ${job} has no results: it is ${state}`, {hint})
}

async function printPairs(jobs: JobClient, results: JobResults, signal: AbortSignal | undefined): Promise<void> {
  const isTerminal = process.stdout.isTTY === true
  let text = ''
  const take = (key: unknown, value: unknown): void | Promise<void> => {
    text += pairLine(key, value, isTerminal)
    if (text.length < gatheredMax) return
    const full = text
    text = ''
    return writeOut(oneOf(full))
  }
  await readPairs(jobs, results, take, signal)
  await writeOut(oneOf(text))
}

async function* oneOf(text: string): AsyncGenerator<string> {
  if (text !== '') yield text
}
