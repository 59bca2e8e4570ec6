import {expect, test} from 'vitest'
import {UserError} from '../../../../src/base/index.ts'
import {type InputSources, resolveInputs} from '../../../../src/cluster/jobs/master/resolve-inputs.ts'
import type {TagEntry} from '../../../../src/protocol/index.ts'

const blob = (digit: string): string => digit.repeat(64)
const entry = (digit: string): TagEntry => ({type: 'blob', blob: blob(digit), name: 'x', bytes: 5, recordCount: 2})

const tags: Readonly<Record<string, readonly TagEntry[]>> = {
  logs: [entry('a'), {type: 'tag', tag: 'older'}, {type: 'url', urls: ['http://h/1', 'http://g/1']}],
  older: [entry('b'), {type: 'tag', tag: 'logs'}],
  lost: [entry('f')],
}

const sources: InputSources = {
  entriesOf: async tag => {
    const entries = tags[tag]
    if (entries === undefined) throw new UserError('TAG_NOT_FOUND', 'no')
    return entries
  },
  tagNames: () => Object.keys(tags),
  locate: async blobs => blobs.map(one => ({blob: one, bytes: 7, nodes: one.startsWith('f') ? [] : ['n1', 'n2']})),
  resultsOf: job => [{label: 0, place: {type: 'urls', urls: [`disco://n1/${job}/1/out`]}, bytes: 3, records: 1}],
  checkResultTag: async () => undefined,
}

const placesOf = async (...inputs: string[]): Promise<unknown[]> =>
  (
    await resolveInputs(
      inputs.map(input => [input]),
      sources,
    )
  ).map(output => output.place)

test('a tag is its blobs and URLs, those of tags in it included, each tag once', async () => {
  const expected = [
    {type: 'blob', blob: blob('a')},
    {type: 'blob', blob: blob('b')},
    {type: 'urls', urls: ['http://h/1', 'http://g/1']},
  ]
  expect(await placesOf('tag://logs')).toEqual(expected)
  expect(await placesOf('logs')).toEqual(expected)
})

test('blobs come with their size and the nodes that hold them', async () => {
  expect(await resolveInputs([['logs']], sources)).toContainEqual({
    label: 0,
    place: {type: 'blob', blob: blob('a')},
    bytes: 5,
    records: 2,
    nodes: ['n1', 'n2'],
  })
  const [bare] = await resolveInputs([[`blob://${blob('c')}`]], sources)
  expect(bare).toMatchObject({bytes: 7, nodes: ['n1', 'n2']})
})

test('addresses stay as they are; several of one input are one', async () => {
  expect(await placesOf('http://h/x', 'raw://text')).toEqual([
    {type: 'urls', urls: ['http://h/x']},
    {type: 'urls', urls: ['raw://text']},
  ])
  const inputs = await resolveInputs([['http://h/x', 'https://g/x']], sources)
  expect(inputs).toHaveLength(1)
})

test('results of another job are inputs', async () => {
  expect(await placesOf('job://words@1')).toEqual([{type: 'urls', urls: ['disco://n1/words@1/1/out']}])
})

test('a misspelt tag is an error with the one that was meant', async () => {
  await expect(placesOf('tag://lgs')).rejects.toMatchObject({
    code: 'TAG_NOT_FOUND',
    hint: expect.stringContaining('logs'),
  })
})

test('what a cluster cannot read is refused with what to do', async () => {
  for (const input of ['./logs/a.txt', '/var/log/x', 'file:///x', 'dir://x', 'blob://12', 'tag://a b']) {
    await expect(placesOf(input)).rejects.toMatchObject({code: 'BAD_JOB', hint: expect.stringContaining('ddfs')})
  }
  await expect(resolveInputs([['http://h/x', 'logs']], sources)).rejects.toMatchObject({code: 'BAD_JOB'})
})

test('a blob that no node has is an error at once', async () => {
  await expect(placesOf('lost')).rejects.toMatchObject({code: 'BLOB_NOT_FOUND'})
})

test('an input that is best read elsewhere goes there, and no other does', async () => {
  const inputs = ['a', 'b'].map(digit => [`blob://${blob(digit)}`])
  const found = await resolveInputs(inputs, sources, {mayMiss: false, nodes: [null, 'n3']})
  expect(found.map(({nodes}) => nodes)).toEqual([['n1', 'n2'], ['n3']])
})
