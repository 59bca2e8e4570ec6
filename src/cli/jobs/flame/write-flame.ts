/** The CPU profiles of a job's tasks as one file. */
import {writeFile} from 'node:fs/promises'
import {extname} from 'node:path'
import {messageOf, printable, UserError} from '../../../base/index.ts'
import {forEachLimited, type JobClient} from '../../../client/index.ts'
import {decodeOob, profileKeyPrefix} from '../../../worker/index.ts'
import {flameGraph} from './flame-graph.ts'
import {addStacks, stacksText} from './stacks.ts'

/** Profiles read at the same time. */
const parallelCount = 8

const kinds: Readonly<Record<string, 'svg' | 'stacks'>> = {
  '.svg': 'svg',
  '.txt': 'stacks',
  '.folded': 'stacks',
  '.collapsed': 'stacks',
}

export interface FlameFile {
  readonly file: string
  /** Tasks whose profiles are in it. */
  readonly profileCount: number
  /** Time that samples saw a task at work in; on a busy machine more than its CPU time. */
  readonly sampledMs: number
}

/** @throws UserError BAD_FLAG for a name that says neither SVG nor stacks; before anything is asked */
export function checkFlameName(file: string): 'svg' | 'stacks' {
  const kind = kinds[extname(file).toLowerCase()]
  if (kind !== undefined) return kind
  throw new UserError('BAD_FLAG', `--flame: ${printable(file)} says by its name neither picture nor stacks`, {
    hint: 'name it FILE.svg for a picture, FILE.folded for collapsed stacks',
    exitCode: 2,
  })
}

/** @throws UserError WRONG_STATE when no task took a profile; OUTPUT_FAILED; ClusterError when a node does not answer */
export async function writeFlame(jobs: JobClient, job: string, file: string): Promise<FlameFile> {
  const kind = checkFlameName(file)
  const profiles = (await jobs.listOob(job)).filter(({key}) => key.startsWith(profileKeyPrefix))
  if (profiles.length === 0) {
    throw new UserError('WRONG_STATE', `no task of job ${job} took a CPU profile`, {
      hint: 'run it with: disco run --profile JOB.ts',
    })
  }
  const texts: string[] = []
  await forEachLimited(
    () => profiles,
    parallelCount,
    undefined,
    async ({url}, index) => {
      const parts = await Array.fromAsync(jobs.readUrl(url))
      texts[index] = String(decodeOob(Buffer.concat(parts)))
    },
  )
  const all = new Map<string, number>()
  for (const [index, {key}] of profiles.entries()) addStacks(all, texts[index] ?? '', [stageOf(key)])
  let us = 0
  for (const weight of all.values()) us += weight
  const title = `${job}: ${profiles.length} tasks, ${(us / 1e6).toFixed(1)} s sampled`
  try {
    await writeFile(file, kind === 'svg' ? flameGraph(title, all) : stacksText(all))
  } catch (error) {
    throw new UserError('OUTPUT_FAILED', `cannot write ${printable(file)}: ${messageOf(error)}`, {cause: error})
  }
  return {file, profileCount: profiles.length, sampledMs: Math.round(us / 1000)}
}

const stageOf = (key: string): string => key.slice(profileKeyPrefix.length, key.lastIndexOf(':'))
