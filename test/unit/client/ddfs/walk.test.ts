import {expect, test} from 'vitest'
import {readAllEntries, readTags, type WalkOptions, walkTags} from '../../../../src/client/index.ts'
import {tagDepthMax} from '../../../../src/protocol/index.ts'
import {FakeCluster, textIn} from '../fake-cluster.ts'

const blobEntry = (blob: string) => ({type: 'blob', blob, name: blob.slice(0, 4), bytes: 1}) as const
const id = (digit: string): string => digit.repeat(64)

async function ways(cluster: FakeCluster, tags: string[], options: WalkOptions = {}): Promise<string[]> {
  const found = await Array.fromAsync(walkTags(cluster.client(), tags, options))
  return found.map(({path, entry}) => `${path.join('>')} ${entry.type === 'blob' ? entry.blob[0] : entry.urls[0]}`)
}

test('tags in tags are followed in order, each once', async () => {
  await using cluster = await FakeCluster.start()
  cluster.tag('top', 'left', blobEntry(id('a')), 'right', {type: 'url', urls: ['http://x/y']})
  cluster.tag('left', blobEntry(id('b')))
  cluster.tag('right', 'left', blobEntry(id('c')))
  expect(await ways(cluster, ['top', 'left'])).toEqual(['top>left b', 'top a', 'top>right c', 'top http://x/y'])
})

test('a circle of tags ends', async () => {
  await using cluster = await FakeCluster.start()
  cluster.tag('a', 'b', blobEntry(id('a')))
  cluster.tag('b', 'c', 'a', blobEntry(id('b')))
  cluster.tag('c', 'a')
  expect(await ways(cluster, ['a'])).toEqual(['a>b b', 'a a'])
})

test('tags that are nested too deep are an error', async () => {
  await using cluster = await FakeCluster.start()
  for (let depth = 0; depth <= tagDepthMax; depth++) cluster.tag(`t${depth}`, `t${depth + 1}`)
  await expect(ways(cluster, ['t0'])).rejects.toMatchObject({code: 'TAG_TOO_LARGE'})
})

test('a link to nothing is an error that names both ends', async () => {
  await using cluster = await FakeCluster.start()
  cluster.tag('top', 'gone')
  await expect(ways(cluster, ['top'])).rejects.toMatchObject({
    code: 'TAG_NOT_FOUND',
    message: 'there is no tag "gone", which "top" names',
  })
  await expect(ways(cluster, ['none'])).rejects.toThrow('there is no tag "none"')
})

test('with onMissing a link to nothing is told and passed over', async () => {
  await using cluster = await FakeCluster.start()
  cluster.tag('top', 'gone', blobEntry(id('a')))
  const missing: string[] = []
  const onMissing = (tag: string, path: readonly string[]): number => missing.push(`${tag} in ${path.join('>')}`)
  expect(await ways(cluster, ['top', 'none'], {onMissing})).toEqual(['top a'])
  expect(missing).toEqual(['gone in top>gone', 'none in none'])
})

test('entries come page by page', async () => {
  await using cluster = await FakeCluster.start()
  cluster.pageCount = 2
  cluster.tag('t', ...['a', 'b', 'c', 'd', 'e'].map(digit => blobEntry(id(digit))))
  const entries = await Array.fromAsync(readAllEntries(cluster.client(), 't'))
  expect(entries.map(entry => entry.number)).toEqual([1, 2, 3, 4, 5])
  expect(cluster.requestCount).toBe(3)
})

test('a tag that is appended to while it is read gives what it had once', async () => {
  await using cluster = await FakeCluster.start()
  cluster.pageCount = 2
  cluster.tag('t', blobEntry(id('a')), blobEntry(id('b')), blobEntry(id('c')))
  const numbers: number[] = []
  for await (const {number} of readAllEntries(cluster.client(), 't')) {
    if (number === 1) {
      const {entries} = cluster.tags.get('t')!
      cluster.tags.set('t', {entries: [...entries, blobEntry(id('d'))], version: 2})
    }
    numbers.push(number)
  }
  expect(numbers).toEqual([1, 2, 3, 4])
})

test('the text of a tag is that of all its blobs and URLs, in order', async () => {
  await using cluster = await FakeCluster.start()
  const other = cluster.put('from a URL\n')
  const parts = Array.from({length: 9}, (_, index) => `${index}\n`)
  const url = {type: 'url', urls: ['http://127.0.0.1:9/down', `${cluster.nodes[0]?.url}/blobs/${other}`]} as const
  cluster.tag('t', ...parts.map(part => blobEntry(cluster.put(part))), url)
  expect(await textIn(readTags(cluster.client(), ['t'], 'text'))).toBe(`${parts.join('')}from a URL\n`)
})
