/**
 * Which inputs of a scan one task takes. A task an input, but for those that the only node of a cluster keeps partials of: an order for each
 * of thirty days took longer than the scan of the one that is new.
 */
import {type ClusterClient, JobClient} from '../../client/index.ts'
import {partialNames, type RuleBundles} from '../../worker/index.ts'
import type {ClusterScanRequest} from './cluster-scan.ts'

/** Inputs of a task, at most: each is a file that it opens, and an output in what it tells. */
const bundleInputsMax = 128

/** Fewer inputs are ordered one by one before it is known what is kept of them. */
const bundledInputsMin = 4

const blobScheme = 'blob://'

/**
 * With several nodes each input has a task of its own: where a blob's task runs is decided later, and a partial that another node keeps is
 * of no use there.
 *
 * @param address - of the code that scanning needs; null: none
 * @returns undefined: a task for each input
 */
export async function bundleKept(
  {plan, params, inputs, keepsBad, usesCache, cluster, signal}: ClusterScanRequest,
  address: ClusterScanRequest['address'],
): Promise<RuleBundles | undefined> {
  const named = inputs.flatMap((input, number) => {
    const blob = onlyBlobOf(input.addresses)
    return blob === undefined ? [] : [{...input, blob, number}]
  })
  if (!usesCache || named.length < bundledInputsMin || !(await hasOneNode(cluster, signal))) return undefined
  const names = await partialNames({work: {plan, keepsBad}, params, address}, named)
  const kept = await new JobClient(cluster).keptPartials(names, {signal})
  if (kept.size < 2) return undefined
  const numbers = new Set(named.flatMap(({number}, index) => (kept.has(names[index]!) ? [number] : [])))
  return bundlesOf(inputs.map((_, number) => numbers.has(number)))
}

/** Neighbours that are kept, together: outputs stay in the order of inputs. */
export function bundlesOf(isKept: readonly boolean[]): RuleBundles {
  const bundles: number[][] = []
  for (const [input, isOne] of isKept.entries()) {
    const last = bundles.at(-1)
    if (isOne && input > 0 && isKept[input - 1] === true && last !== undefined && last.length < bundleInputsMax)
      last.push(input)
    else bundles.push([input])
  }
  return bundles
}

/** Only what has one address alone is known to be that blob. */
function onlyBlobOf([first = '', ...more]: readonly string[]): string | undefined {
  return first.startsWith(blobScheme) && more.every(address => address === first)
    ? first.slice(blobScheme.length)
    : undefined
}

async function hasOneNode(cluster: ClusterClient, signal: AbortSignal): Promise<boolean> {
  const {nodes} = await cluster.nodes({signal})
  return nodes.filter(({state}) => state !== 'removed').length === 1
}
