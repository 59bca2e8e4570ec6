/** `disco deref`: addresses as people and jobs name things, to URLs that can be read. */
import {createInterface} from 'node:readline'
import {ClusterError, printable, UserError} from '../../base/index.ts'
import {type ClusterClient, JobClient} from '../../client/index.ts'
import {isBlobId, isTagName} from '../../protocol/index.ts'
import {placedEntries} from '../ddfs/placed-entries.ts'
import {jobNameOf} from './job-arguments.ts'
import {checkDone} from './show-results.ts'

/** What one address stands for: a line. */
export interface Deref {
  readonly address: string
  /** Of the same bytes, best first. */
  readonly urls: readonly string[]
}

export interface DerefOptions {
  readonly tagToken: string | undefined
  /** A bare name is that of a job. */
  readonly areJobs: boolean
}

/** Addresses of one command line; `-`, or none at all: lines of standard input. @throws UserError BAD_FLAG at a terminal */
export async function* addressesOf(words: readonly string[], stdin: NodeJS.ReadStream): AsyncGenerator<string> {
  const wanted = words.length === 0 ? ['-'] : words
  for (const word of wanted) {
    if (word !== '-') yield word
    else if (stdin.isTTY) {
      throw new UserError('BAD_FLAG', 'name addresses, or pipe them in', {hint: 'disco deref tag://NAME', exitCode: 2})
    } else for await (const line of createInterface({input: stdin})) if (line.trim() !== '') yield line.trim()
  }
}

/**
 * - `tag://NAME`, or a bare name: the blobs and URLs of the tag and of tags in it
 * - `blob://ID`, or a bare id: its copies
 * - `job://NAME`: the files of its results
 * - URLs and `raw://`: themselves; several in one text, with spaces or tabs between: addresses of the same bytes
 *
 * @throws UserError BAD_NAME, TAG_NOT_FOUND, JOB_NOT_FOUND, WRONG_STATE; ClusterError UNAVAILABLE
 */
export async function* dereference(
  client: ClusterClient,
  address: string,
  {tagToken, areJobs}: DerefOptions,
): AsyncGenerator<Deref> {
  const isRaw = address.startsWith('raw://')
  const parts = isRaw ? [address] : address.split(/\s+/)
  if (isRaw || parts.every(part => /^https?:\/\//.test(part))) {
    yield {address: parts[0]!, urls: parts}
    return
  }
  const [, scheme, rest] = /^([a-z]+):\/\/(.*)$/.exec(address) ?? [undefined, '', address]
  if ((scheme === '' || scheme === 'blob') && isBlobId(rest!)) {
    const {blobs} = await client.locateBlobs([rest])
    yield found(
      address,
      blobs.flatMap(({replicas}) => replicas.map(({url}) => url)),
    )
  } else if (scheme === 'job' || (scheme === '' && areJobs)) yield* ofJob(new JobClient(client), rest!)
  else if ((scheme === '' || scheme === 'tag') && isTagName(rest!)) {
    for await (const {entry, urls} of placedEntries(client, [rest!], {tagToken})) {
      yield found(entry.type === 'blob' ? `blob://${entry.blob}` : `tag://${rest}`, urls)
    }
  } else {
    throw new UserError('BAD_NAME', `"${printable(address)}" is no address that a cluster knows`, {
      hint: 'give tag://NAME, blob://ID, job://NAME, http:// or https://',
    })
  }
}

/** Sections of one file are told once. */
async function* ofJob(jobs: JobClient, name: string): AsyncGenerator<Deref> {
  const job = await jobNameOf(jobs, name)
  const results = await jobs.results(job)
  checkDone(job, results)
  const told = new Set<string>()
  for (const {urls} of results.outputs) {
    const key = urls.join(' ')
    if (!told.has(key) || urls.length === 0) yield found(`job://${job}`, urls)
    told.add(key)
  }
}

function found(address: string, urls: readonly string[]): Deref {
  if (urls.length > 0) return {address, urls}
  throw new ClusterError('UNAVAILABLE', `no node that answers has ${printable(address)}`, {
    hint: 'see what is missing with: ddfs fsck, and who is there with: disco nodes',
  })
}
