/**
 * What a job names as inputs, as outputs that tasks can be made of.
 *
 * - `tag://NAME`, or a bare name: every blob and URL of the tag and of the tags in it. No such tag is an error.
 * - `blob://ID`: one blob.
 * - `job://NAME`: the results of a job that is done.
 * - `http://`, `https://`, `raw://`: as they are.
 *
 * Paths are not inputs of a cluster: no node has the files of the machine that submits.
 */
import {didYouMean, printable, UserError} from '../../../base/index.ts'
import type {Output} from '../../../pipeline/index.ts'
import {
  type BlobId,
  inputAddressLengthMax,
  isBlobId,
  isTagName,
  type NodeName,
  parseBlobUrl,
  type TagEntry,
  tagDepthMax,
} from '../../../protocol/index.ts'
import {jobInputsMax} from '../limits.ts'
import type {DiscoFiles} from './disco-files.ts'

export interface InputSources {
  /** All entries of a tag. @throws UserError TAG_NOT_FOUND, FORBIDDEN */
  readonly entriesOf: (tag: string) => Promise<readonly TagEntry[]>
  /** Names of tags, for suggestions. */
  readonly tagNames: () => readonly string[]
  /** Sizes and places; nobody has it: no nodes. */
  readonly locate: (
    blobs: readonly BlobId[],
  ) => Promise<readonly {readonly blob: BlobId; readonly bytes: number; readonly nodes: readonly NodeName[]}[]>
  /** @throws UserError JOB_NOT_FOUND, WRONG_STATE */
  readonly resultsOf: (job: string) => readonly Output[]
  /** Files of jobs by Disco's URLs. */
  readonly discoFiles?: DiscoFiles
  /** @throws UserError FORBIDDEN when the tag is there and needs another token for writing */
  readonly checkResultTag: (tag: string) => Promise<void>
}

export interface ResolveOptions {
  readonly mayMiss: boolean
  readonly takesAnyUrl?: boolean
  readonly opensIndexes?: boolean
  readonly hints?: readonly {readonly label: number; readonly bytes: number}[]
  /** Where the task of an input is best run, when that is not where its blob is. */
  readonly nodes?: readonly (NodeName | null)[]
}

/** Of what the cluster itself knows. */
const ownSchemes = /^(?:tag|blob|job):\/\//

/**
 * @param inputs - each with the addresses of the same bytes
 * @param options - `mayMiss`: a blob that no node has is an input all the same; `takesAnyUrl`: addresses of other schemes are
 *   for the job's worker to read; `opensIndexes`: a `dir://` address is its lines, with their labels; `hints`: labels and sizes, `nodes`: places,
 *   in the order of the inputs
 */
export async function resolveInputs(
  inputs: readonly (readonly string[])[],
  sources: InputSources,
  {mayMiss, takesAnyUrl = false, opensIndexes = false, hints, nodes}: ResolveOptions = {mayMiss: false},
): Promise<readonly Output[]> {
  const isWorkerUrl = (text: string): boolean => takesAnyUrl && !ownSchemes.test(text) && /^\/|:\/\//.test(text)
  const found: Output[] = []
  const placed = new Map<Output, NodeName>()
  const {discoFiles} = sources
  for (const [index, addresses] of inputs.entries()) {
    const first = addresses[0] ?? ''
    if (opensIndexes && discoFiles !== undefined && first.startsWith('dir://')) {
      for (const line of await discoFiles.linesOf(first)) found.push(line)
      checkCount(found)
      continue
    }
    const stored = discoBlobOf(addresses)
    const file = takesAnyUrl && addresses.length === 1 ? discoFiles?.fileOf(first) : undefined
    let resolved: readonly Output[]
    if (stored !== undefined) resolved = [ofBlob(stored, 0, 0)]
    else if (file !== undefined) resolved = [file]
    else if (addresses.every(isWorkerUrl)) resolved = [ofUrls(addresses)]
    else if (addresses.length === 1) resolved = await resolveOne(first, sources)
    else resolved = [ofUrls(addresses.map(checkUrl))]
    const hint = hints?.[index]
    const node = nodes?.[index]
    for (const output of resolved) {
      const one = hint === undefined ? output : {...output, label: hint.label, bytes: output.bytes || hint.bytes}
      found.push(one)
      if (node !== undefined && node !== null) placed.set(one, node)
    }
    checkCount(found)
  }
  return await locateAll(found, sources, mayMiss, placed)
}

const fewer = 'run it over fewer tags at a time, or over larger blobs (ddfs chunk makes them of many small files)'

function checkCount(found: readonly Output[]): void {
  if (found.length > jobInputsMax)
    throw new UserError('BAD_JOB', `the job has more than ${jobInputsMax} inputs`, {hint: fewer})
}

/** The blob that Disco's clients found in a tag of ours, by its URLs; undefined: they name something else. */
function discoBlobOf(addresses: readonly string[]): BlobId | undefined {
  const blob = parseBlobUrl(addresses[0] ?? '')?.blob
  return addresses.every(url => parseBlobUrl(url)?.blob === blob) ? blob : undefined
}

function ofUrls(urls: readonly string[]): Output {
  if (urls.some(url => url.length > inputAddressLengthMax)) {
    throw new UserError('BAD_JOB', `an input's address is longer than ${inputAddressLengthMax} characters`, {
      hint: 'push the text into a tag (ddfs chunk TAG FILE), and name the tag',
    })
  }
  return {label: 0, place: {type: 'urls', urls}, bytes: 0, records: 0}
}

const isUrl = (text: string): boolean => /^(?:https?|raw):\/\//.test(text)

function checkUrl(text: string): string {
  if (isUrl(text)) return text
  throw new UserError('BAD_JOB', `the input "${printable(text)}" is one of several addresses of the same bytes`, {
    hint: 'such lists hold http:// and https:// addresses only',
  })
}

async function resolveOne(text: string, sources: InputSources): Promise<readonly Output[]> {
  if (isUrl(text)) return [ofUrls([text])]
  const scheme = /^([a-z]+):\/\/(.*)$/.exec(text)
  const [name, rest] = scheme === null ? ['tag', text] : [scheme[1]!, scheme[2]!]
  if (name === 'blob' && isBlobId(rest)) return [ofBlob(rest, 0, 0)]
  if (name === 'job') return sources.resultsOf(rest)
  if (name === 'tag' && isTagName(rest)) return await entriesBelow(rest, sources)
  throw new UserError('BAD_JOB', `"${printable(text)}" is not an input that a cluster can read`, {
    hint: 'push files into a tag first (ddfs chunk TAG FILE), and name the tag; or give tag://, blob://, job://, http://, raw://',
  })
}

const ofBlob = (blob: BlobId, bytes: number, records: number): Output => ({
  label: 0,
  place: {type: 'blob', blob},
  bytes,
  records,
})

/** Depth first, each tag once: in the order in which a person would list them. */
async function entriesBelow(root: string, sources: InputSources): Promise<Output[]> {
  const found: Output[] = []
  const seen = new Set<string>([root])
  const visit = async (tag: string, depth: number): Promise<void> => {
    if (depth > tagDepthMax) throw new UserError('TAG_TOO_LARGE', `tags below ${root} are nested too deeply`)
    for (const entry of await entriesOrHint(tag, sources)) {
      if (entry.type === 'blob') found.push(ofBlob(entry.blob, entry.bytes, entry.recordCount ?? 0))
      else if (entry.type === 'url') found.push(ofUrls(entry.urls))
      else if (!seen.has(entry.tag)) {
        seen.add(entry.tag)
        await visit(entry.tag, depth + 1)
      }
      if (found.length > jobInputsMax)
        throw new UserError('BAD_JOB', `the tag ${root} has more than ${jobInputsMax} inputs, too many for one job`, {
          hint: fewer,
        })
    }
  }
  await visit(root, 0)
  return found
}

async function entriesOrHint(tag: string, sources: InputSources): Promise<readonly TagEntry[]> {
  try {
    return await sources.entriesOf(tag)
  } catch (error) {
    if (!(error instanceof UserError) || error.code !== 'TAG_NOT_FOUND') throw error
    const suggestion = didYouMean(tag, sources.tagNames()).trim()
    const hint = suggestion === '' ? 'see the names with: ddfs ls' : suggestion
    throw new UserError('TAG_NOT_FOUND', `the job's input "${tag}" is not there: no tag has that name`, {hint})
  }
}

/** Tasks go where their blobs are. */
async function locateAll(
  outputs: readonly Output[],
  sources: InputSources,
  mayMiss: boolean,
  placed: ReadonlyMap<Output, NodeName>,
): Promise<readonly Output[]> {
  const blobs = [...new Set(outputs.flatMap(({place}) => (place.type === 'blob' ? [place.blob] : [])))]
  if (blobs.length === 0) return outputs
  const places = new Map((await sources.locate(blobs)).map(place => [place.blob, place]))
  return outputs.map(output => {
    if (output.place.type !== 'blob') return output
    const place = places.get(output.place.blob)
    if (place === undefined || place.nodes.length === 0) {
      if (mayMiss) return output
      throw new UserError('BLOB_NOT_FOUND', `no node that answers has the blob ${output.place.blob}`, {
        hint: 'see what is missing with: ddfs fsck',
      })
    }
    const node = placed.get(output)
    return {...output, bytes: output.bytes || place.bytes, nodes: node === undefined ? place.nodes : [node]}
  })
}
