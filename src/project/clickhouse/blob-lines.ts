/** Blobs of tags as something that ClickHouse reads where it lies: signed URLs, by what they are packed with. */
import {ClusterError, UserError} from '../../base/index.ts'
import type {ClusterClient} from '../../client/index.ts'
import type {BlobPlace} from '../../protocol/index.ts'
import type {ClickhouseLines, LinesCompression} from '../../sql/index.ts'
import type {ClusterInput} from '../tags/cluster-scan.ts'
import type {EngineTarget} from './engine-address.ts'
import {readUrlMs, signedCountMax} from './limits.ts'
import {compressionsOf} from './look-inside.ts'

export interface BlobLines {
  readonly sources: readonly ClickhouseLines[]
  /** Numbers of the inputs that nobody could give. */
  readonly missing: readonly number[]
}

const blobScheme = 'blob://'

/**
 * @throws UserError BLOB_NOT_FOUND for a blob that no live node has, unless missing ones are allowed; BAD_ENGINE for what ClickHouse
 *   cannot reach, or would not read as the rule does
 */
export async function blobLines(
  inputs: readonly ClusterInput[],
  given: {
    readonly cluster: ClusterClient
    readonly engine: EngineTarget
    readonly allowsMissing: boolean
    readonly signal: AbortSignal
  },
): Promise<BlobLines> {
  const {engine, allowsMissing, signal} = given
  const places = await placesOf(inputs, given.cluster, signal)
  const missing: number[] = []
  const readable: {readonly input: ClusterInput; readonly urls: readonly string[]}[] = []
  for (const [number, input] of inputs.entries()) {
    const urls = urlsOf(input, places)
    if (urls.length > 0) readable.push({input, urls})
    else if (allowsMissing) missing.push(number)
    else throw notThere(input)
  }
  for (const {input, urls} of readable) checkReach(input, urls, engine)
  const unknown = readable.filter(({input}) => input.codec === undefined)
  const looked = await compressionsOf(
    unknown.map(({input: {name}, urls}) => ({name, urls})),
    signal,
  )
  const compressionOf = new Map(unknown.map(({input}, index) => [input, looked[index]!]))
  const sources = (['none', 'gzip', 'zstd'] as const).flatMap((compression): ClickhouseLines[] => {
    const urls = readable
      .filter(({input}) => (compressionOf.get(input) ?? ofChunk(input)) === compression)
      .map(one => one.urls)
    return urls.length === 0 ? [] : [{type: 'urls', urls, compression, cluster: engine.cluster}]
  })
  return {sources, missing}
}

const ofChunk = ({codec}: ClusterInput): LinesCompression => (codec === undefined || codec === 'plain' ? 'none' : codec)

const blobOf = ({addresses: [first = '']}: ClusterInput): string | undefined =>
  first.startsWith(blobScheme) ? first.slice(blobScheme.length) : undefined

async function placesOf(
  inputs: readonly ClusterInput[],
  cluster: ClusterClient,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, BlobPlace>> {
  const blobs = [...new Set(inputs.flatMap(input => blobOf(input) ?? []))]
  const places = new Map<string, BlobPlace>()
  for (let at = 0; at < blobs.length; at += signedCountMax) {
    const answer = await cluster.signBlobs(blobs.slice(at, at + signedCountMax), readUrlMs, {signal})
    for (const place of answer.blobs) places.set(place.blob, place)
  }
  return places
}

/** Live copies; of what lies elsewhere all addresses. */
function urlsOf(input: ClusterInput, places: ReadonlyMap<string, BlobPlace>): readonly string[] {
  const blob = blobOf(input)
  if (blob !== undefined) return (places.get(blob)?.replicas ?? []).filter(({isLive}) => isLive).map(({url}) => url)
  const isRemote = input.addresses.every(address => /^https?:\/\//.test(address))
  if (isRemote) return input.addresses
  throw new UserError('BAD_ENGINE', `${input.name} is a file of this machine, which ClickHouse does not read`, {
    hint: 'put it into a tag (ddfs push), or run it here with --engine auto',
  })
}

const notThere = ({name}: ClusterInput): ClusterError =>
  new ClusterError('UNAVAILABLE', `no node that answers has ${name}`, {
    retryable: true,
    hint: 'see what is missing with: ddfs fsck; or go on without it: --allow-missing',
  })

/** Said here rather than after minutes of attempts over there. */
function checkReach({name}: ClusterInput, urls: readonly string[], engine: EngineTarget): void {
  if (isLoopback(engine.target.address) || !urls.every(isLoopback)) return
  throw new UserError(
    'BAD_ENGINE',
    `${name} lies at an address of this machine only, and ${engine.name} is elsewhere`,
    {
      hint: 'start the nodes with an address that ClickHouse can reach: disco start --host',
    },
  )
}

const isLoopback = (url: string): boolean => /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(new URL(url).hostname)
