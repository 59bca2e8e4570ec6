/**
 * Which inputs of a scan one task takes. A task an input, but for those whose partials a node keeps: an order for each of thirty days took
 * longer than the scan of the one that is new.
 */
import {JobClient} from '../../client/index.ts'
import type {NodeName} from '../../protocol/index.ts'
import {partialNames, type RuleBundles} from '../../worker/index.ts'
import type {ClusterScanRequest} from './cluster-scan.ts'

/** Inputs of a task, at most: each is a file that it opens, and an output in what it tells. */
const bundleInputsMax = 128

/** Fewer inputs are ordered one by one before it is known what is kept of them. */
const bundledInputsMin = 4

const blobScheme = 'blob://'

export interface TaskBundles {
  readonly bundles: RuleBundles
  /** Of each bundle the node that keeps it; null: nobody does, it is scanned. */
  readonly nodes: readonly (NodeName | null)[]
}

/**
 * @param address - of the code that scanning needs; null: none
 * @returns undefined: a task for each input, wherever it is best read
 */
export async function bundleKept(
  {plan, params, inputs, keepsBad, usesCache, cluster, signal}: ClusterScanRequest,
  address: ClusterScanRequest['address'],
): Promise<TaskBundles | undefined> {
  const named = inputs.flatMap((input, number) => {
    const blob = onlyBlobOf(input.addresses)
    return blob === undefined ? [] : [{...input, blob, number}]
  })
  if (!usesCache || named.length < bundledInputsMin) return undefined
  const names = await partialNames({work: {plan, keepsBad}, params, address}, named)
  const kept = await new JobClient(cluster).keptPartials(names, {signal})
  if (kept.size < 2) return undefined
  const keepers = new Map(named.map(({number}, index) => [number, kept.get(names[index]!) ?? []] as const))
  return bundlesOf(inputs.map((_, number) => keepers.get(number) ?? []))
}

/**
 * All that a node keeps, together; what nobody keeps, one by one. In the order of their first inputs.
 *
 * @param keepers - of each input the nodes that keep it
 */
export function bundlesOf(keepers: readonly (readonly NodeName[])[]): TaskBundles {
  const counts = new Map<NodeName, number>()
  for (const node of keepers.flat()) counts.set(node, (counts.get(node) ?? 0) + 1)
  const bundles: {readonly node: NodeName | null; readonly inputs: number[]}[] = []
  const open = new Map<NodeName, number[]>()
  for (const [input, nodes] of keepers.entries()) {
    // Where most are: fewer tasks.
    const [node] = nodes.toSorted((one, other) => counts.get(other)! - counts.get(one)!)
    const known = node === undefined ? undefined : open.get(node)
    if (known !== undefined && known.length < bundleInputsMax) {
      known.push(input)
      continue
    }
    const bundle = [input]
    bundles.push({node: node ?? null, inputs: bundle})
    if (node !== undefined) open.set(node, bundle)
  }
  return {bundles: bundles.map(({inputs}) => inputs), nodes: bundles.map(({node}) => node)}
}

/** Only what has one address alone is known to be that blob. */
function onlyBlobOf([first = '', ...more]: readonly string[]): string | undefined {
  return first.startsWith(blobScheme) && more.every(address => address === first)
    ? first.slice(blobScheme.length)
    : undefined
}
