/** Results of workers of other languages: bytes in the order of the outputs, whatever their form is. */
import {printable} from '../../base/index.ts'
import type {JobClient} from '../../client/index.ts'
import type {JobResults} from '../../protocol/index.ts'
import {note, writeOut} from '../ddfs/write-out.ts'

/** One output. */
export interface ResultPart {
  readonly label: number
  readonly base64: string
}

type ResultOutput = JobResults['outputs'][number]

/** Writes the outputs one behind the other. @throws ClusterError UNAVAILABLE */
export async function printParts(jobs: JobClient, results: JobResults, signal?: AbortSignal): Promise<void> {
  for (const output of results.outputs) await writeOut(readPart(jobs, output, signal))
}

/** @throws ClusterError UNAVAILABLE */
export async function readParts(jobs: JobClient, results: JobResults, signal?: AbortSignal): Promise<ResultPart[]> {
  const parts: ResultPart[] = []
  for (const output of results.outputs) {
    const bytes = Buffer.concat(await Array.fromAsync(readPart(jobs, output, signal)))
    parts.push({label: output.label, base64: bytes.toString('base64')})
  }
  return parts
}

/** One that is where only its worker can read it is told instead. */
async function* readPart(jobs: JobClient, output: ResultOutput, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
  const {place, urls} = output
  if (place.type === 'urls' && !urls.some(url => /^(?:https?|raw):/.test(url)))
    note(`an output is at ${urls.map(printable).join(', ')}`)
  else yield* jobs.readOutput(output, {signal})
}
