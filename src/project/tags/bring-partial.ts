/** The result of a scan's job, brought here: opened where it lies when that is on this machine, else fetched. */
import {createWriteStream} from 'node:fs'
import {Readable} from 'node:stream'
import {pipeline} from 'node:stream/promises'
import {ClusterError, UserError} from '../../base/index.ts'
import {forEachLimited, type JobClient} from '../../client/index.ts'
import type {JobResults} from '../../protocol/index.ts'
import {openPartial, type Partial, processStartMs} from '../../worker/index.ts'
import {partialsFetchedMax} from './limits.ts'

export interface Brought {
  readonly partial: Partial
  /** Its files may go. */
  close(): void
}

/**
 * @param outputs - the merge of all partials, and its parts
 * @param path - for files that are fetched: the name of the first, and the beginning of the others
 * @throws ClusterError when the node that has it does not answer, BrokenPartial
 */
export async function bringPartial(
  jobs: JobClient,
  {outputs}: JobResults,
  path: string,
  signal: AbortSignal,
): Promise<Brought> {
  const opened = await jobs.openOutputs(outputs, {signal})
  const close = (): void => {
    for (const file of opened ?? []) file.close()
  }
  try {
    const paths = opened?.map(file => file.path) ?? (await fetched(jobs, outputs, path, signal))
    const parts = paths.slice(1)
    // This process waited for the job: the machine went on all the while.
    const partial = openPartial(paths[0]!, opened === undefined ? {parts} : {parts, poweredSinceMs: processStartMs()})
    return {partial, close}
  } catch (error) {
    close()
    throw error
  }
}

async function fetched(
  jobs: JobClient,
  outputs: JobResults['outputs'],
  path: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const paths = outputs.map((_, index) => (index === 0 ? path : `${path}-${index}`))
  await forEachLimited(
    () => paths.keys(),
    partialsFetchedMax,
    signal,
    async (index, _, inner) => {
      const chunks = Readable.from(jobs.readOutput(outputs[index]!, {signal: inner}), {objectMode: false})
      try {
        await pipeline(chunks, createWriteStream(paths[index]!, {mode: 0o600}))
      } catch (error) {
        if (error instanceof UserError || error instanceof ClusterError) throw error
        throw new ClusterError('UNAVAILABLE', 'the result of a rule broke off on its way here', {cause: error})
      }
    },
  )
  return paths
}
