/** As much of S3 as ClickHouse needs to read: listing, heads, bytes and ranges. Signatures are not checked. */
import {createHash} from 'node:crypto'
import {createServer} from 'node:http'
import type {AddressInfo} from 'node:net'

export interface FakeS3 extends AsyncDisposable {
  readonly url: string
  /** Of the one bucket, `bucket`. */
  readonly objects: Record<string, Buffer>
  /** Access keys that requests were signed with. */
  readonly keysSeen: ReadonlySet<string>
}

export async function startS3(objects: Record<string, Buffer>): Promise<FakeS3> {
  const keysSeen = new Set<string>()
  const server = createServer((request, response) => {
    const key = /Credential=([^/]+)\//.exec(request.headers.authorization ?? '')?.[1]
    if (key !== undefined) keysSeen.add(key)
    const url = new URL(request.url ?? '/', 'http://s3')
    const [, , ...path] = decodeURIComponent(url.pathname).split('/')
    const name = path.join('/')
    if (name === '') {
      const prefix = url.searchParams.get('prefix') ?? ''
      const found = Object.entries(objects).filter(([object]) => object.startsWith(prefix))
      response.writeHead(200, {'content-type': 'application/xml'})
      return void response.end(listing(found))
    }
    const bytes = objects[name]
    if (bytes === undefined) {
      response.writeHead(404, {'content-type': 'application/xml'})
      return void response.end('<Error><Code>NoSuchKey</Code><Message>no such key</Message></Error>')
    }
    const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '')
    const start = Number(range?.[1] ?? 0)
    const end = range?.[2] === undefined || range[2] === '' ? bytes.length : Number(range[2]) + 1
    response.writeHead(range === null ? 200 : 206, {
      etag: tagOf(bytes),
      'last-modified': 'Mon, 23 Nov 2026 12:00:00 GMT',
      'content-length': Math.min(end, bytes.length) - start,
      ...(range === null ? {} : {'content-range': `bytes ${start}-${Math.min(end, bytes.length) - 1}/${bytes.length}`}),
    })
    response.end(request.method === 'HEAD' ? undefined : bytes.subarray(start, end))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    objects,
    keysSeen,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

const tagOf = (bytes: Buffer): string => `"${createHash('md5').update(bytes).digest('hex')}"`

function listing(objects: readonly (readonly [string, Buffer])[]): string {
  const contents = objects.map(
    ([name, bytes]) =>
      `<Contents><Key>${name}</Key><LastModified>2026-11-23T12:00:00.000Z</LastModified><ETag>${tagOf(bytes)}</ETag><Size>${bytes.length}</Size></Contents>`,
  )
  return `<?xml version="1.0"?><ListBucketResult><Name>bucket</Name><KeyCount>${objects.length}</KeyCount><IsTruncated>false</IsTruncated>${contents.join('')}</ListBucketResult>`
}
