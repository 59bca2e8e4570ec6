import {afterAll, beforeAll, expect, onTestFinished, test} from 'vitest'
import {ClusterClient, readManyTags} from '../../../../src/client/index.ts'
import {addedTimes} from '../../../../src/project/tags/added-times.ts'
import {contentsOf} from '../../../../src/project/tags/read-store.ts'
import {hashToken, type TagEntry, type TagLogLine} from '../../../../src/protocol/index.ts'
import {OneNode} from './one-node.ts'

const node = new OneNode()
beforeAll(() => node.start())
afterAll(() => node.stop())

const signal = new AbortController().signal
const urls = (tag: string, count: number): TagEntry[] =>
  Array.from({length: count}, (_, index) => ({type: 'url', urls: [`http://logs.example/${tag}/${index}`]}))

async function append(tag: string, entries: readonly TagEntry[]): Promise<void> {
  await node.client.changeTag(tag, {change: {type: 'append', entries, unique: 'none'}})
}

test('contents of many tags come in their order, however large they are and whatever they name', async () => {
  const counts = {small: 3, none: 0, large: 1100, other: 1}
  for (const [tag, count] of Object.entries(counts)) {
    const entries = urls(tag, count)
    for (let at = 0; at === 0 || at < count; at += 1000) await append(tag, entries.slice(at, at + 1000))
  }
  await append('names', [{type: 'tag', tag: 'small'}, ...urls('names', 2)])
  const tags = ['other', 'large', 'missing', 'names', 'none', 'small']
  const contents = await contentsOf(node.client, tags, signal)
  expect(contents.map(({tag, entries}) => [tag, entries.length])).toEqual([
    ['other', 1],
    ['large', 1100],
    ['missing', 0],
    ['names', 5],
    ['none', 0],
    ['small', 3],
  ])
  expect(contents[1]!.entries[1099]).toMatchObject({place: 1099, entry: {urls: ['http://logs.example/large/1099']}})
  // What stands in a tag below has no place in the one that was asked for.
  expect(contents[3]!.entries.map(({place}) => place)).toEqual([undefined, undefined, undefined, undefined, undefined])
  expect(contents[5]!.entries.map(({place}) => place)).toEqual([0, 1, 2])
})

test('more than fits an answer is asked for again, and nothing comes twice', async () => {
  const tags = Array.from({length: 40}, (_, index) => `many-${index}`)
  for (const tag of tags) await append(tag, urls(tag, 100))
  const first = await node.client.readContents({tags, part: 'entries'})
  expect(first.contents.length).toBeLessThan(tags.length)
  const read = await Array.fromAsync(readManyTags(node.client, tags, 'entries'))
  expect(read.map(({tag}) => tag)).toEqual(tags)
  expect(read.every(({page}) => page?.entries.length === 100)).toBe(true)
  const histories = await Array.fromAsync(readManyTags(node.client, [...tags, 'missing'], 'log'))
  expect(histories.map(({lines}) => lines?.length)).toEqual([...tags.map(() => 1), undefined])
})

test('histories come along with entries, where they are wanted', async () => {
  await append('twice', urls('twice', 2))
  await append('twice', urls('twice', 3))
  await append('once', urls('once', 1))
  const told = new Map<string, readonly number[]>()
  const contents = await contentsOf(node.client, ['twice', 'absent', 'once'], signal, (tag, lines) =>
    told.set(tag, lines.map(({addedCount}) => addedCount).toSorted()),
  )
  expect(contents.map(({entries}) => entries.length)).toEqual([5, 0, 1])
  expect([...told]).toEqual([
    ['twice', [2, 3]],
    ['once', [1]],
  ])
  const [without] = await Array.fromAsync(readManyTags(node.client, ['twice'], 'entries'))
  expect(without).not.toHaveProperty('lines')
})

test('when entries came is known from histories that came along, and asked for of others', async () => {
  await append('came', urls('came', 2))
  const tags = new Map([['came', 2]])
  const asked = await addedTimes(node.client, tags, new Map(), signal)
  expect(asked('came', 1)).toBeGreaterThan(Date.now() - 60_000)
  const histories = new Map<string, readonly TagLogLine[]>()
  await contentsOf(node.client, ['came'], signal, (tag, lines) => histories.set(tag, lines))
  const closed = new ClusterClient({...node.client.address, url: 'http://127.0.0.1:1'})
  onTestFinished(() => closed.close())
  const known = await addedTimes(closed, tags, histories, signal)
  expect([0, 1, 2].map(place => known('came', place))).toEqual([0, 1, 2].map(place => asked('came', place)))
})

test('a name that is none, and a tag that is closed to the caller, refuse the whole question', async () => {
  await append('open', urls('open', 1))
  await append('closed', urls('closed', 1))
  const reader = await node.client.createToken('reader', ['read'])
  const client = new ClusterClient({...node.client.address, token: reader.token})
  onTestFinished(() => client.close())
  const ask = (tags: readonly string[]) => client.readContents({tags, part: 'entries'})
  expect((await ask(['open', 'closed'])).contents).toHaveLength(2)
  await node.client.changeTag('closed', {change: {type: 'set-tokens', read: hashToken('secret')}})
  await expect(ask(['open', 'closed'])).rejects.toMatchObject({code: 'FORBIDDEN'})
  await expect(ask(['open', 'no name'])).rejects.toMatchObject({code: 'BAD_NAME'})
})
