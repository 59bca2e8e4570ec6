/**
 * Files of jobs by Disco's URLs, as inputs of another job.
 *
 * - `dir://HOST/disco/…/.disco/STAGE-TASK-RUN.results`: an index; an input for each of its lines
 * - `disco://HOST/disco/…/NODE/RUN/FILE@0+BYTES`: one file
 *
 * Those of this cluster are read from what the scheduler knows, and become addresses that nodes give to one another; an index that
 * is somewhere else is fetched.
 */
import {messageOf, printable, UserError} from '../../../base/index.ts'
import {HttpClient, readBytes} from '../../../client/index.ts'
import type {Output} from '../../../pipeline/index.ts'
import {jobSectionUrl, parseIndex, parseJobUrl} from '../../../protocol/index.ts'
import {jobFileAddress} from '../agent/input-addresses.ts'
import {indexBytesMax, indexFetchMs} from '../limits.ts'
import {parseOutputPath} from '../output-path.ts'

export interface DiscoFiles {
  /** Undefined: it is no file of a job of this cluster. */
  readonly fileOf: (url: string) => Output | undefined
  /** Lines of an index. @throws UserError BAD_JOB when it cannot be read */
  readonly linesOf: (url: string) => Promise<readonly Output[]>
}

/** Outputs of a stage that is complete; undefined: there are none, or no such job. */
export type OutputsOf = (job: string, stage: string) => readonly Output[] | undefined

/** Inputs that are named by URLs of Disco, as outputs of this cluster's jobs. */
export function discoFiles(outputsOf: OutputsOf): DiscoFiles {
  return {
    fileOf: url => {
      const path = parseJobUrl(url)
      if (path?.type !== 'section' || path.offset !== 0) return undefined
      const {job, node, file, bytes} = path
      return {
        label: 0,
        place: {type: 'urls', urls: [jobFileAddress(node, job, file)]},
        bytes,
        records: 0,
        nodes: [node],
      }
    },
    linesOf: async url => {
      const path = parseJobUrl(url)
      if (path?.type !== 'index') return await fetchedLines(url)
      const outputs = (outputsOf(path.job, path.stage) ?? []).filter(({place}) => {
        return place.type === 'file' && place.path.startsWith(`${path.run}/`)
      })
      if (outputs.length === 0) throw cannotRead(url, `job ${path.job} has no such results`)
      const host = new URL(url.replace(/^[a-z]+:/, 'http:')).host
      return outputs.map(output => lineOf(output, path.job, host))
    },
  }
}

/** One that is a part of a file is read where Disco's own clients read it. */
function lineOf({label, place, bytes, records}: Output, job: string, host: string): Output {
  if (place.type !== 'file') return {label, place, bytes, records}
  const {node} = place
  const {file, offset = 0} = parseOutputPath(place.path)
  const url = offset === 0 ? jobFileAddress(node, job, file) : jobSectionUrl(host, job, {node, file, offset, bytes})
  return {label, place: {type: 'urls', urls: [url]}, bytes, records, nodes: [node]}
}

/** Where Disco listens when a URL names no port. */
const discoPort = 8989

async function fetchedLines(url: string): Promise<readonly Output[]> {
  const lines = parseIndex(await fetched(url))
  if (typeof lines === 'number') throw cannotRead(url, `line ${lines} is none of an index`)
  return lines.map(({label, url: file, bytes}) => ({label, place: {type: 'urls', urls: [file]}, bytes, records: 0}))
}

async function fetched(url: string): Promise<string> {
  const [, host = '', path = ''] = /^dir:\/\/([^/]+)(\/.*)$/.exec(url) ?? []
  const address = `http://${host}${/:\d+$/.test(host) ? '' : `:${discoPort}`}${path}`
  if (host === '' || !URL.canParse(address)) throw cannotRead(url, 'it is no URL of an index')
  const http = new HttpClient(undefined)
  try {
    const response = await http.send({method: 'GET', url: address, signal: AbortSignal.timeout(indexFetchMs)})
    const bytes = await readBytes(response, address, indexBytesMax)
    if (bytes.length > indexBytesMax) throw new Error(`it has more than ${indexBytesMax} bytes`)
    return bytes.toString()
  } catch (error) {
    throw cannotRead(url, messageOf(error), error)
  } finally {
    http.close()
  }
}

const cannotRead = (url: string, why: string, cause?: unknown): UserError =>
  new UserError('BAD_JOB', `the job's input ${printable(url.slice(0, 300))} cannot be read: ${why}`, {
    hint: 'such inputs are results of an earlier job: is it done, and not purged?',
    ...(cause === undefined ? {} : {cause}),
  })
