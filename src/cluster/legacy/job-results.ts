/** Outputs of jobs as Disco's results: a URL of an index for each task that left files, addresses for the rest. */
import type {Output} from '../../pipeline/index.ts'
import {
  blobUrl,
  indexText,
  jobIndexUrl,
  jobSectionUrl,
  type LegacyResults,
  type ReplicaSet,
} from '../../protocol/index.ts'
import {parseOutputPath} from '../jobs/output-path.ts'
import {objectOf} from './tag-entries.ts'

/** Files of one run. */
interface RunOutputs {
  readonly run: number
  readonly outputs: Output[]
}

const runOf = (path: string): number => Number(/^\d{1,15}(?=\/)/.exec(path)?.[0] ?? 0)

/** One part for each run that left files, in the order of the outputs, and one for each output of another kind. */
function partsOf(outputs: readonly Output[]): (RunOutputs | Output)[] {
  const parts: (RunOutputs | Output)[] = []
  const runs = new Map<number, RunOutputs>()
  for (const output of outputs) {
    if (output.place.type !== 'file') {
      parts.push(output)
      continue
    }
    const run = runOf(output.place.path)
    const known = runs.get(run)
    if (known !== undefined) known.outputs.push(output)
    else {
      const made = {run, outputs: [output]}
      runs.set(run, made)
      parts.push(made)
    }
  }
  return parts
}

/** @param stage - that left them */
export function resultsOf(outputs: readonly Output[], host: string, job: string, stage: string): LegacyResults {
  return partsOf(outputs).map((part, task) =>
    'run' in part ? [jobIndexUrl(host, job, {stage, task, run: part.run})] : urlsOfOutput(part, host),
  )
}

/** Of an input, or of an output that is no file. */
export function urlsOfOutput({place, nodes = []}: Output, host: string): ReplicaSet {
  if (place.type === 'urls') return place.urls
  if (place.type === 'file') return []
  const address = {...objectOf({name: 'blob', blob: place.blob}), blob: place.blob}
  return Array.from({length: Math.max(nodes.length, 1)}, (_, replica) => blobUrl(host, replica, address))
}

/** The index of one run's files; undefined: no output of it is there. */
export function indexOfRun(outputs: readonly Output[], host: string, job: string, run: number): string | undefined {
  const lines = outputs.flatMap(({place, label, bytes}) => {
    if (place.type !== 'file' || runOf(place.path) !== run) return []
    const {file, offset = 0} = parseOutputPath(place.path)
    return [{label, url: jobSectionUrl(host, job, {node: place.node, file, offset, bytes}), bytes}]
  })
  return lines.length === 0 ? undefined : indexText(lines)
}
