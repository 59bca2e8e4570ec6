import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {gunzipSync, gzipSync, zstdCompressSync} from 'node:zlib'
import {afterAll, expect, test} from 'vitest'
import {changesOf, chunkInputs, parseInput, readInput, readInputText} from '../../../../src/client/index.ts'
import {commitEntryCountMax} from '../../../../src/protocol/index.ts'
import {FakeCluster, textIn} from '../fake-cluster.ts'

const dir = mkdtempSync(join(tmpdir(), 'client-inputs-'))
afterAll(() => rmSync(dir, {recursive: true}))

function file(name: string, content: string | Buffer): string {
  const path = join(dir, name)
  writeFileSync(path, content)
  return path
}

const text = Array.from({length: 5000}, (_, index) => `line ${index}\n`).join('')

test('an input is a file, a URL, standard input or a tag', () => {
  const path = file('a.log', 'abc')
  expect(parseInput(path)).toEqual({text: path, name: 'a.log', type: 'file', bytes: 3})
  expect(parseInput(path, 'sub:a.log').name).toBe('sub:a.log')
  expect(parseInput('-')).toEqual({text: '-', name: 'stdin', type: 'stdin'})
  expect(parseInput('https://h/x/y.gz?z=1')).toMatchObject({name: 'y.gz', type: 'url'})
  expect(parseInput('http://h')).toMatchObject({name: 'h', type: 'url'})
  expect(parseInput('tag://data:x')).toEqual({text: 'tag://data:x', name: 'data:x', type: 'tag'})
  expect(parseInput('/dev/null')).toEqual({text: '/dev/null', name: 'null', type: 'pipe'})
})

test('what cannot be an input says why', () => {
  mkdirSync(join(dir, 'folder'))
  expect(() => parseInput(join(dir, 'folder'))).toThrow(/folder is a folder$/)
  expect(() => parseInput(join(dir, 'none\u001b[31m'))).toThrow(/none\\u001b\[31m: there is no such file$/)
  expect(() => parseInput('http://:::')).toThrow('"http://:::" is not a URL')
  expect(() => parseInput('tag://a b')).toThrow('cannot be the name of a tag')
})

test.each([
  ['plain', Buffer.from(text)],
  ['gzip', gzipSync(text)],
  ['zstd', zstdCompressSync(text)],
])('the text of a %s file is the text, and its bytes are its bytes', async (name, content) => {
  await using cluster = await FakeCluster.start()
  const input = parseInput(file(name, content))
  expect(await textIn(readInputText(input, cluster.client()))).toBe(text)
  expect(Buffer.concat(await Array.fromAsync(readInput(input, cluster.client())))).toEqual(content)
})

test('an archive that is cut off is told by its name', async () => {
  await using cluster = await FakeCluster.start()
  const path = file('cut.gz', gzipSync(text).subarray(0, 1000))
  await expect(textIn(readInputText(parseInput(path), cluster.client()))).rejects.toThrow(
    `${path} cannot be decompressed`,
  )
})

test('a URL that has moved is followed, without our token', async () => {
  await using cluster = await FakeCluster.start()
  const authorizations: unknown[] = []
  cluster.fault = (request, response) => {
    authorizations.push(request.headers.authorization)
    if (request.url === '/old') response.writeHead(302, {location: '/new'}).end()
    else response.end('moved here')
    return true
  }
  expect(await textIn(readInput(parseInput(`${cluster.url}/old`), cluster.client()))).toBe('moved here')
  expect(authorizations).toEqual([undefined, undefined])
})

test.each([
  ['/404', 'the server answers 404 Not Found'],
  ['/circle', 'has moved more than 5 times'],
  ['/away', 'has moved to where nobody can follow'],
])('a URL that gives nothing says so: %s', async (path, message) => {
  await using cluster = await FakeCluster.start()
  cluster.fault = (request, response) => {
    if (request.url === '/404') response.writeHead(404).end('<h1>no</h1>')
    else response.writeHead(301, {location: request.url === '/away' ? 'file:///etc/passwd' : '/circle'}).end()
    return true
  }
  const read = textIn(readInput(parseInput(cluster.url + path), cluster.client()))
  await expect(read).rejects.toMatchObject({code: 'INPUT_NOT_FOUND', message: expect.stringContaining(message)})
})

test('chunks of a file and of its archive are the same', async () => {
  await using cluster = await FakeCluster.start()
  const options = {chunkBytes: 10_000, codec: 'gzip'} as const
  const plain = await chunkInputs(cluster.client(), 'a', [parseInput(file('x.log', text))], options)
  const packed = await chunkInputs(
    cluster.client(),
    'b',
    [parseInput(file('x.log.zst', zstdCompressSync(text)))],
    options,
  )
  expect(plain.chunks.length).toBeGreaterThan(3)
  expect(plain.chunks.map(chunk => chunk.entry.name).slice(0, 2)).toEqual(['x.log-0.gz', 'x.log-1.gz'])
  expect(packed.chunks.map(chunk => chunk.entry)).toEqual(plain.chunks.map(chunk => chunk.entry))
  expect(packed.chunks.every(chunk => chunk.wasKnown)).toBe(true)
  expect(plain).toMatchObject({recordCount: 5000, rawBytes: text.length, addedCount: plain.chunks.length})
  const stored = plain.chunks.map(chunk => gunzipSync(cluster.nodes[0]!.blobs.get(chunk.entry.blob)!).toString())
  expect(stored.join('')).toBe(text)
})

test('plain chunks of several inputs keep their bytes, whatever buffers are used again', async () => {
  await using cluster = await FakeCluster.start()
  const inputs = [parseInput(file('p.log', text)), parseInput(file('q.log', text.toUpperCase()))]
  const {chunks} = await chunkInputs(cluster.client(), 'p', inputs, {chunkBytes: 4096, codec: 'plain'})
  const stored = chunks.map(chunk => cluster.nodes[1]!.blobs.get(chunk.entry.blob)?.toString())
  expect(stored.join('')).toBe(text + text.toUpperCase())
})

test('a tag can be chunked again', async () => {
  await using cluster = await FakeCluster.start()
  const [input] = [parseInput(file('t.log', text))]
  await chunkInputs(cluster.client(), 'data:t', [input!], {chunkBytes: 5000})
  const again = await chunkInputs(cluster.client(), 'data:u', [parseInput('tag://data:t')], {chunkBytes: 50_000})
  expect(again).toMatchObject({recordCount: 5000, rawBytes: text.length})
  expect(again.chunks[0]?.entry.name).toBe('data:t-0.zst')
})

test('a record that is too long leaves the tag as it was', async () => {
  await using cluster = await FakeCluster.start()
  const input = parseInput(file('long.log', `short\n${'x'.repeat(3000)}\nshort\n`))
  await expect(
    chunkInputs(cluster.client(), 'data:l', [input], {chunkBytes: 1024, recordBytesMax: 2000}),
  ).rejects.toMatchObject({code: 'INPUT_UNREADABLE', message: expect.stringContaining('long.log, record 2: longer')})
  expect(cluster.tags.has('data:l')).toBe(false)
})

test('a change has at most so many entries, and fits into a frame', () => {
  const entry = (name: string) => ({type: 'blob', blob: '0'.repeat(64), name, bytes: 1}) as const
  const small = changesOf(Array.from({length: 2500}, (_, index) => entry(`${index}`)))
  expect(small.map(part => part.length)).toEqual([commitEntryCountMax, commitEntryCountMax, 500])
  const urls = Array.from({length: 100}, () => ({type: 'url', urls: ['http://x/'.padEnd(20_000, 'y')]}) as const)
  const large = changesOf(urls)
  expect(large.flat()).toEqual(urls)
  expect(large.every(part => JSON.stringify(part).length < 700_000)).toBe(true)
  expect(changesOf([])).toEqual([])
})
