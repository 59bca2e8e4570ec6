/**
 * Bytes of an `http:` or `https:` address. By Node's own client: `fetch` costs a task 60 ms of its start, and every byte twice as
 * much processor time.
 */
import type {IncomingMessage, RequestOptions} from 'node:http'

/** Times that an address may say that what is asked for is elsewhere. */
const redirectCountMax = 5

/** A server that says nothing for so long is given up, milliseconds: another address may answer. */
const silenceMs = 60_000

const redirectStatuses: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

const readableEncodings: ReadonlySet<string> = new Set(['identity', '', 'gzip', 'x-gzip', 'zstd'])

export interface DownloadOptions {
  /** The first byte. */
  readonly start: number
  /** The last byte; undefined: the rest. */
  readonly end: number | undefined
  /** Sent with the request; not to where another host sends us. */
  readonly headers: Readonly<Record<string, string>>
}

/** @throws Error when the server does not give these bytes, or the connection breaks */
export async function* download(address: string, {start, end, headers}: DownloadOptions): AsyncGenerator<Uint8Array> {
  const isWhole = start === 0 && end === undefined
  const range = isWhole ? {} : {range: `bytes=${start}-${end ?? ''}`}
  const response = await open(address, {...headers, ...range})
  try {
    // A whole input whose bytes were all there before the connection broke.
    if (response.statusCode === 416 && end === undefined) return
    if (response.statusCode !== (isWhole ? 200 : 206))
      throw new Error(`HTTP status ${response.statusCode}${isWhole ? '' : ' to a range'}`)
    const encoding = response.headers['content-encoding'] ?? 'identity'
    // What is gzip or zstd is unpacked like files that are.
    if (!readableEncodings.has(encoding)) throw new Error(`the answer has the encoding ${encoding}`)
    yield* response as AsyncIterable<Uint8Array>
  } finally {
    response.destroy()
  }
}

async function open(address: string, headers: Readonly<Record<string, string>>): Promise<IncomingMessage> {
  let url = new URL(address)
  let given = headers
  for (let count = 0; ; count++) {
    const response = await send(url, {headers: {...given, 'accept-encoding': 'identity'}})
    const {location} = response.headers
    if (location === undefined || !redirectStatuses.has(response.statusCode ?? 0)) return response
    response.destroy()
    if (count === redirectCountMax) throw new Error(`more than ${redirectCountMax} redirects`)
    const next = new URL(location, url)
    if (next.origin !== url.origin) given = headers['range'] === undefined ? {} : {range: headers['range']}
    url = next
  }
}

async function send(url: URL, options: RequestOptions): Promise<IncomingMessage> {
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw new Error(`redirected to ${url.protocol}`)
  // Loaded when needed: a task that reads files of this machine starts sooner.
  const {get} = url.protocol === 'https:' ? await import('node:https') : await import('node:http')
  return await new Promise((resolve, reject) => {
    const request = get(url, options, resolve)
    request.setTimeout(silenceMs, () => request.destroy(new Error(`nothing came for ${silenceMs / 1000} s`)))
    request.on('error', reject)
  })
}
