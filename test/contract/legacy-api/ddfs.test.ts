import {describe, expect, test} from 'vitest'
import {basic, type LegacyNode, startLegacy} from './node.ts'

const stamp = '[0-9a-f]+-[0-9a-f]+-[0-9a-f]+'
const blobPattern = new RegExp(
  `^disco://127\\.0\\.0\\.1/ddfs/vol\\d\\.[0-9a-f]{64}/blob/[0-9a-f]{2}/data:a\\$${stamp}$`,
)
const tagUrls = (tag: string) => [
  expect.stringMatching(new RegExp(`^disco://127\\.0\\.0\\.1/ddfs/vol0/tag/[0-9a-f]{2}/${tag}\\$${stamp}$`)),
]

async function put(node: LegacyNode, name: string, text: string): Promise<string> {
  const [url] = (await node.ask('GET', `/ddfs/new_blob/${name}?`)).json as string[]
  const stored = await node.ask('PUT', url!, text)
  expect([stored.status, stored.type]).toEqual([201, 'application/json'])
  return stored.json as string
}

const urlsOf = async (node: LegacyNode, tag: string): Promise<string[][]> =>
  ((await node.ask('GET', `/ddfs/tag/${tag}`)).json as {urls: string[][]}).urls

test('a blob is asked for, stored at the second port, read back in parts, and never overwritten', async () => {
  const node = await startLegacy()
  const [place] = (await node.ask('GET', '/ddfs/new_blob/data:a?replicas=1')).json as string[]
  expect(place).toMatch(new RegExp(`^http://127\\.0\\.0\\.1:\\d+/ddfs/data:a\\$${stamp}$`))
  expect(new URL(place!).port).not.toBe(new URL(node.url).port)
  const stored = await node.ask('PUT', place!, 'datablob1')
  expect(stored).toMatchObject({status: 201, json: expect.stringMatching(blobPattern)})
  expect(await node.ask('PUT', place!, 'datablob1')).toMatchObject({
    status: 500,
    text: expect.stringMatching(/^File exists/),
  })
  const path = (stored.json as string).replace('disco://127.0.0.1', '')
  expect(await node.ask('GET', path)).toMatchObject({status: 200, text: 'datablob1', type: 'application/octet-stream'})
  const part = await node.ask('GET', path, undefined, {range: 'bytes=0-10485759'})
  expect([part.status, part.text, part.headers.get('content-range')]).toEqual([206, 'datablob1', 'bytes 0-8/9'])
  expect(await node.ask('GET', path, undefined, {range: 'bytes=4-5'})).toMatchObject({status: 206, text: 'bl'})
  expect(await node.ask('GET', path, undefined, {range: 'bytes=99-'})).toMatchObject({status: 200, text: 'datablob1'})
  expect(await node.ask('GET', `/proxy/n1/GET${path}`)).toMatchObject({status: 200, text: 'datablob1'})
  expect(await node.ask('GET', '/ddfs/vol0/tag/73/data$1-2-3')).toMatchObject({status: 404})
  expect(await node.ask('GET', place!)).toMatchObject({status: 501, text: 'Method not supported'})
  expect(node.ended).toEqual([])
})

test('what cannot be placed or named is refused in the words of Disco', async () => {
  const node = await startLegacy()
  const refused = async (method: string, path: string) => {
    const {status, text} = await node.ask(method, path, method === 'PUT' ? 'x' : undefined)
    return [status, text]
  }
  expect(await refused('GET', '/ddfs/new_blob/data:a?replicas=2')).toEqual([403, 'Not enough nodes for replicas.'])
  expect(await refused('GET', '/ddfs/new_blob/no.dots?')).toEqual([403, 'Invalid tag'])
  expect(await refused('GET', '/ddfs/new_blob/data:a?include=nobody')).toEqual([404, 'Unknown host.'])
  expect(await refused('GET', '/ddfs/new_blob/data:a?exclude=n1')).toEqual([403, 'Not enough nodes for replicas.'])
  expect(await refused('PUT', '/ddfs/nostamp')).toEqual([403, 'Invalid blob name'])
  expect(await refused('PUT', '/ddfs/a.b$1-2-3')).toEqual([403, 'Invalid blob name'])
  expect(await refused('GET', '/disco/nothing')).toMatchObject([404, 'File not found.'])
})

describe('tags', () => {
  test('new entries go in front, update leaves out known names, nothing new is no new version', async () => {
    const node = await startLegacy()
    const [a, b, c] = await Promise.all(['a', 'b', 'c'].map(name => put(node, `blob-${name}`, name)))
    const post = (path: string, body: unknown) => node.ask('POST', path, JSON.stringify(body))
    expect(await post('/ddfs/tag/t?delayed=&update=', [[a], [b]])).toMatchObject({status: 200, json: tagUrls('t')})
    expect(await urlsOf(node, 't')).toEqual([[a], [b]])
    await post('/ddfs/tag/t', [[c], ['tag://old']])
    expect(await urlsOf(node, 't')).toEqual([[c], ['tag://old'], [a], [b]])
    const again = await put(node, 'blob-a', 'another')
    const before = (await node.ask('GET', '/ddfs/tag/t')).json as {id: string}
    await post('/ddfs/tag/t?update=1', [[again], ['tag://old']])
    await post('/ddfs/tag/t', [])
    expect((await node.ask('GET', '/ddfs/tag/t')).json).toMatchObject({id: before.id})
    await post('/ddfs/tag/t?update=0', [['http://x/1'], ['http://x/2']])
    expect((await urlsOf(node, 't')).slice(0, 3)).toEqual([['http://x/2'], ['http://x/1'], [c]])
    await node.ask('PUT', '/ddfs/tag/t', JSON.stringify([[b], [a]]))
    expect(await urlsOf(node, 't')).toEqual([[b], [a]])
  })

  test('a tag is a JSON object without its tokens', async () => {
    const node = await startLegacy()
    await node.ask('PUT', '/ddfs/tag/data:log/a1', '"v1"', basic('secret'))
    expect(await node.ask('GET', '/ddfs/tag/data:log')).toMatchObject({
      status: 401,
      text: 'Incorrect or missing token.',
    })
    const {json} = await node.ask('GET', '/ddfs/tag/data:log', undefined, basic('secret'))
    expect(json).toEqual({
      version: 1,
      id: expect.stringMatching(new RegExp(`^data:log\\$${stamp}$`)),
      'last-modified': expect.stringMatching(/^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d$/),
      urls: [],
      'user-data': {a1: 'v1'},
    })
  })

  test('many delayed appends become few versions and lose nothing', async () => {
    const node = await startLegacy()
    await node.ask('POST', '/ddfs/tag/many', '[]')
    const answers = await Promise.all(
      Array.from({length: 100}, (_, n) => node.ask('POST', '/ddfs/tag/many?delayed=1', `[["http://x/${n}"]]`)),
    )
    expect(new Set(answers.map(({status}) => status))).toEqual(new Set([200]))
    expect(new Set(answers.map(({text}) => text)).size).toBeLessThan(10)
    expect((await urlsOf(node, 'many')).length).toBe(100)
  })

  test('attributes are set, read, deleted, and bounded', async () => {
    const node = await startLegacy()
    const say = async (method: string, path: string, body?: string) => {
      const {status, text} = await node.ask(method, `/ddfs/tag/${path}`, body)
      return [status, text]
    }
    expect((await say('PUT', 't/a', '"v"'))[0]).toBe(200)
    expect(await say('GET', 't/a')).toEqual([200, '"v"'])
    expect(await say('GET', 't/none')).toEqual([404, 'Tag attribute not found.'])
    expect(await say('DELETE', 't/none')).toEqual([200, '"deleted"'])
    expect(await say('DELETE', 't/a')).toEqual([200, '"deleted"'])
    expect(await say('GET', 't/a')).toEqual([404, 'Tag attribute not found.'])
    expect(await say('DELETE', 'none/a')).toEqual([404, 'Tag not found.'])
    expect(await say('PUT', 't/ddfs:a1', '"v"')).toEqual([404, 'Tag attribute not found.'])
    expect(await say('PUT', 't/a', '5')).toEqual([403, 'Invalid attribute key or value'])
    expect(await say('PUT', 't/a', '{')).toEqual([403, 'Invalid request body.'])
    expect(await say('PUT', `t/a`, JSON.stringify('x'.repeat(5000)))).toEqual([403, 'Attribute value too big.'])
    expect(await say('PUT', `t/${'n'.repeat(1025)}`, '"v"')).toEqual([403, 'Attribute name too big.'])
    expect(await say('PUT', 't', '[[]]')).toEqual([403, 'Invalid url object'])
    expect(await say('POST', 't', '["x"]')).toEqual([403, 'Invalid url object'])
    expect(await say('POST', 't/x', '[]')).toEqual([403, 'Invalid tag'])
    expect(await say('GET', 'no.tag')).toEqual([403, 'Invalid tag'])
    expect(await say('GET', 't/ddfs:urls')).toEqual([200, '[]'])
    expect(await say('GET', 't/ddfs:read-token')).toEqual([200, 'null'])
  })

  test('tokens guard reading and writing, also the empty one', async () => {
    const node = await startLegacy()
    const status = async (method: string, path: string, token?: string, body?: string) =>
      (await node.ask(method, `/ddfs/tag/${path}`, body, token === undefined ? {} : basic(token))).status
    expect(await status('PUT', 'made', 'own', '[]')).toBe(200)
    expect(await status('GET', 'made')).toBe(401)
    expect(await status('GET', 'made', 'own')).toBe(200)
    expect(await status('POST', 'made', 'other', '[]')).toBe(401)
    expect(await status('PUT', 'open', undefined, '[]')).toBe(200)
    expect(await status('POST', 'open', 'any', '[]')).toBe(200)
    expect(await status('PUT', 'open/ddfs:write-token', undefined, '"w"')).toBe(200)
    expect(await status('DELETE', 'open')).toBe(401)
    expect(await status('GET', 'open')).toBe(200)
    expect(await status('GET', 'open/ddfs:write-token')).toBe(401)
    expect(await status('GET', 'open/ddfs:write-token', 'w')).toBe(200)
    expect(await status('PUT', 'open/ddfs:read-token', 'w', '"r"')).toBe(200)
    expect([
      await status('GET', 'open', 'r'),
      await status('GET', 'open', 'w'),
      await status('GET', 'open', 'x'),
    ]).toEqual([200, 200, 401])
    expect(await status('PUT', 'empty/ddfs:write-token', undefined, '""')).toBe(200)
    expect([await status('POST', 'empty', undefined, '[]'), await status('POST', 'empty', '', '[]')]).toEqual([
      401, 200,
    ])
    expect(await status('DELETE', 'open/ddfs:write-token', 'w')).toBe(200)
  })

  test('they are listed by prefix; deleted ones are gone until they are made again', async () => {
    const node = await startLegacy()
    for (const tag of ['data:log2', 'data:log', 'other']) await node.ask('POST', `/ddfs/tag/${tag}`, '[]')
    expect((await node.ask('GET', '/ddfs/tags/data:')).json).toEqual(['data:log', 'data:log2'])
    expect((await node.ask('GET', '/ddfs/tags')).json).toEqual(['data:log', 'data:log2', 'other'])
    expect(await node.ask('DELETE', '/ddfs/tag/data:log')).toMatchObject({status: 200, json: 'deleted'})
    expect(await node.ask('DELETE', '/ddfs/tag/never')).toMatchObject({status: 200, json: 'deleted'})
    expect(await node.ask('GET', '/ddfs/tag/data:log')).toMatchObject({status: 404, text: 'Tag not found.'})
    expect((await node.ask('GET', '/ddfs/tags/')).json).toEqual(['data:log2', 'other'])
    await node.ask('POST', '/ddfs/tag/data:log', '[["http://x"]]')
    expect(await urlsOf(node, 'data:log')).toEqual([['http://x']])
    expect((await node.ask('POST', '/ddfs/ctrl/hosted_tags', '"n1"')).json).toEqual(['data:log', 'data:log2', 'other'])
    expect(await node.ask('POST', '/ddfs/ctrl/hosted_tags', '"n9"')).toMatchObject({status: 404, text: 'Unknown host.'})
  })
})
