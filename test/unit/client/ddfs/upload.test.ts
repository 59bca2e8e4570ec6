import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, describe, expect, test} from 'vitest'
import {UserError} from '../../../../src/base/index.ts'
import {parseInput, pushInputs, uploadBlob} from '../../../../src/client/index.ts'
import {bodyOf, FakeCluster, type FakeNode, fail, json, sha} from '../fake-cluster.ts'

const dir = mkdtempSync(join(tmpdir(), 'client-upload-'))
afterAll(() => rmSync(dir, {recursive: true}))

const bytes = Buffer.alloc(3 << 20, 'abcdefghij\n')
const source = (name = 'big.log', content = bytes) => ({
  name,
  bytes: content.length,
  blob: sha(content),
  isReplayable: true,
  open: async function* () {
    for (let at = 0; at < content.length; at += 1 << 18) yield content.subarray(at, at + (1 << 18))
  },
})
const stream = (content = bytes) => ({
  name: '-',
  bytes: undefined,
  isReplayable: false,
  open: source('-', content).open,
})
const first = (cluster: FakeCluster): FakeNode => cluster.nodes[0]!

test('a blob goes to all nodes that were chosen, and they are named', async () => {
  await using cluster = await FakeCluster.start(3)
  const uploaded = await uploadBlob(cluster.client(), source())
  expect(uploaded).toEqual({blob: sha(bytes), bytes: bytes.length, nodes: ['n1', 'n2', 'n3'], sentCount: 3})
  expect(cluster.nodes.map(node => node.blobs.get(sha(bytes))?.equals(bytes))).toEqual([true, true, true])
})

test('a node that breaks off in mid-body is replaced by another one', async () => {
  await using cluster = await FakeCluster.start(3)
  cluster.replicaCount = 2
  first(cluster).fault = request => {
    request.once('data', () => request.socket.destroy())
    return true
  }
  const warnings: string[] = []
  const {nodes} = await uploadBlob(cluster.client(), source(), {onWarning: text => warnings.push(text)})
  expect(nodes).toEqual(['n2', 'n3'])
  expect(cluster.places.map(place => place.exclude)).toEqual([[], ['n2', 'n1']])
})

test('pieces that are given away are freed when all nodes have them, and made anew for another node', async () => {
  await using cluster = await FakeCluster.start(3)
  cluster.replicaCount = 2
  first(cluster).fault = async (request, response) => {
    await bodyOf(request)
    fail(response, 503, 'OVERLOADED', 'later')
    return true
  }
  const given: Uint8Array[] = []
  const open = async function* () {
    for (let at = 0; at < bytes.length; at += 1 << 20) {
      const piece = new Uint8Array(bytes.subarray(at, at + (1 << 20)))
      given.push(piece)
      yield piece
    }
  }
  const {nodes} = await uploadBlob(cluster.client(), {...source(), isGivenAway: true, open})
  expect(nodes).toEqual(['n2', 'n3'])
  expect(cluster.nodes.map(node => node.blobs.get(sha(bytes))?.equals(bytes))).toEqual([undefined, true, true])
  expect(given.map(piece => piece.length)).toEqual([0, 0, 0, 0, 0, 0])
})

test('a node that is full says so early, and another one is asked', async () => {
  await using cluster = await FakeCluster.start(2)
  cluster.replicaCount = 1
  first(cluster).fault = (_, response) => {
    response.setHeader('connection', 'close')
    fail(response, 507, 'DISK_FULL', 'no room')
    return true
  }
  expect((await uploadBlob(cluster.client(), source())).nodes).toEqual(['n2'])
})

test('an answer before the end of the body counts, and nobody waits', async () => {
  await using cluster = await FakeCluster.start(1)
  first(cluster).fault = (_, response) => {
    json(response, 201, {blob: sha(bytes), bytes: bytes.length, node: 'n1', existed: true})
    return true
  }
  const many = source()
  let openCount = 0
  const told: number[] = []
  const slow = {
    ...many,
    async *open() {
      openCount++
      for await (const piece of many.open()) {
        yield piece
        await new Promise(resolve => setTimeout(resolve, 5))
      }
    },
  }
  const {nodes} = await uploadBlob(cluster.client(), slow, {onBytes: count => told.push(count)})
  expect({nodes, openCount}).toEqual({nodes: ['n1'], openCount: 1})
  expect(told.reduce((sum, count) => sum + count, 0)).toBe(bytes.length)
})

test('the only node is asked again after a pause when it is busy', async () => {
  await using cluster = await FakeCluster.start(1)
  first(cluster).fault = async (request, response, time) => {
    if (time > 2) return false
    await bodyOf(request)
    fail(response, time === 1 ? 503 : 429, 'OVERLOADED', 'later')
    return true
  }
  expect((await uploadBlob(cluster.client(), source())).nodes).toEqual(['n1'])
  expect(first(cluster).counts['PUT']).toBe(3)
})

test('fewer safe copies than wanted are enough where two are, and it is told', async () => {
  await using cluster = await FakeCluster.start(3)
  first(cluster).fault = request => {
    request.socket.destroy()
    return true
  }
  const warnings: string[] = []
  const {nodes} = await uploadBlob(cluster.client(), source(), {onWarning: text => warnings.push(text)})
  expect(nodes).toEqual(['n2', 'n3'])
  expect(warnings).toEqual([expect.stringMatching(/^big\.log: 2 copies for now, repair makes the rest \(n1: /)])
})

test('a pipe that reached one of two nodes has failed', async () => {
  await using cluster = await FakeCluster.start(2)
  first(cluster).fault = request => {
    request.socket.destroy()
    return true
  }
  await expect(uploadBlob(cluster.client(), stream())).rejects.toMatchObject({
    code: 'UNAVAILABLE',
    message: expect.stringMatching(/^-: 1 of 2 copies are safe \(n1: /),
  })
})

test('more copies than there are nodes cannot be demanded', async () => {
  await using cluster = await FakeCluster.start(1)
  await expect(uploadBlob(cluster.client(), source(), {minReplicas: 2})).rejects.toThrow(
    'big.log: 1 of 2 copies are safe (there are no more nodes that can take it)',
  )
})

test('a pipe of unknown length is stored as it comes', async () => {
  await using cluster = await FakeCluster.start(2)
  const {blob} = await uploadBlob(cluster.client(), stream(Buffer.from('from a pipe')))
  expect(blob).toBe(sha('from a pipe'))
  expect(cluster.places[0]).not.toHaveProperty('bytes')
})

test('a node hears of an upload before there is a byte of it: a pipe may begin with a pause', async () => {
  await using cluster = await FakeCluster.start(1)
  const heard = Promise.withResolvers<void>()
  first(cluster).fault = () => {
    heard.resolve()
    return false
  }
  const late = {
    ...stream(),
    async *open() {
      await heard.promise
      yield Buffer.from('at last')
    },
  }
  expect((await uploadBlob(cluster.client(), late)).blob).toBe(sha('at last'))
})

test('nodes that got different bytes are an error', async () => {
  await using cluster = await FakeCluster.start(2)
  first(cluster).fault = async (request, response) => {
    await bodyOf(request)
    json(response, 201, {blob: sha('other'), bytes: 5, node: 'n1', existed: false})
    return true
  }
  await expect(uploadBlob(cluster.client(), stream())).rejects.toMatchObject({code: 'CORRUPT'})
})

test.each([
  ['grew', bytes.length - 1],
  ['shrank', bytes.length + 1],
])('a file that %s while it is sent is told', async (how, length) => {
  await using cluster = await FakeCluster.start(1)
  await expect(uploadBlob(cluster.client(), {...source(), bytes: length})).rejects.toMatchObject({
    code: 'INPUT_UNREADABLE',
    message: `big.log changed while it was sent: it ${how}`,
  })
})

test('an abort ends the upload with its reason', async () => {
  await using cluster = await FakeCluster.start(1)
  first(cluster).fault = () => true
  const stop = new AbortController()
  const ended = uploadBlob(cluster.client(), source(), {signal: stop.signal})
  setTimeout(() => stop.abort(new Error('enough')), 50)
  await expect(ended).rejects.toThrow('enough')
})

test('Ctrl-C while the tag is being changed says that the outcome is open, and before that the tag is unchanged', async () => {
  await using cluster = await FakeCluster.start(1)
  const path = join(dir, 'interrupted')
  writeFileSync(path, 'interrupted')
  const pushUntil = async (part: string) => {
    const stop = new AbortController()
    cluster.fault = request => {
      if (!request.url?.includes(part)) return false
      stop.abort(new UserError('INTERRUPTED', 'interrupted; unchanged', {exitCode: 130}))
      return true
    }
    return pushInputs(cluster.client(), 'data:i', [parseInput(path)], {signal: stop.signal})
  }
  await expect(pushUntil('/blobs/keep')).rejects.toMatchObject({code: 'INTERRUPTED', message: 'interrupted; unchanged'})
  await expect(pushUntil('/tags/')).rejects.toMatchObject({
    code: 'INTERRUPTED',
    exitCode: 130,
    message: 'interrupted while data:i was being changed; whether it was tells: ddfs log data:i',
  })
})

test('a push tells the tag where its new blobs are, and sends nothing twice', async () => {
  await using cluster = await FakeCluster.start(2)
  const paths = ['a', 'b', 'c'].map(name => join(dir, name))
  for (const path of paths) writeFileSync(path, `content of ${path}`)
  const inputs = paths.map(path => parseInput(path))
  const pushed = await pushInputs(cluster.client(), 'data:x', inputs)
  expect(pushed).toMatchObject({tag: 'data:x', addedCount: 3, entryCount: 3})
  expect(pushed.files.map(file => file.entry.name)).toEqual(['a', 'b', 'c'])
  const blobs = pushed.files.map(file => file.entry.blob)
  expect(cluster.changes[0]?.holders).toEqual(Object.fromEntries(blobs.map(blob => [blob, ['n1', 'n2']])))
  const again = await pushInputs(cluster.client(), 'data:x', inputs)
  expect(again).toMatchObject({addedCount: 0, entryCount: 3})
  expect(again.files.every(file => file.wasKnown && file.nodes.length === 0)).toBe(true)
  expect(cluster.nodes.map(node => node.counts['PUT'])).toEqual([3, 3])
})

test('a file of many pieces arrives whole, an empty one too', async () => {
  await using cluster = await FakeCluster.start(2)
  const contents = [Buffer.concat([bytes, Buffer.from('end')]), Buffer.alloc(0)]
  const inputs = contents.map((content, index) => {
    const path = join(dir, `long-${index}`)
    writeFileSync(path, content)
    return parseInput(path)
  })
  const {files} = await pushInputs(cluster.client(), 'data:long', inputs)
  expect(files.map(file => file.entry.bytes)).toEqual(contents.map(content => content.length))
  expect(contents.map(content => first(cluster).blobs.get(sha(content))?.equals(content))).toEqual([true, true])
})

describe('a large file', () => {
  const large = Buffer.concat([bytes, bytes])
  const written = (name: string, content: Buffer) => {
    const path = join(dir, name)
    writeFileSync(path, content)
    return parseInput(path)
  }

  test('that is as long as no blob is sent at once, and hashed on the way', async () => {
    await using cluster = await FakeCluster.start(2)
    const {files} = await pushInputs(cluster.client(), 'data:new', [written('new', large)])
    expect(files).toMatchObject([
      {wasKnown: false, nodes: ['n1', 'n2'], entry: {blob: sha(large), bytes: large.length}},
    ])
    expect(cluster.asked).toEqual(['blobs/locate', 'blobs/place', 'tags/data%3Anew'])
    expect(cluster.nodes.map(node => node.blobs.get(sha(large))?.equals(large))).toEqual([true, true])
  })

  test('that is as long as a blob is hashed first, and not sent when it is that blob', async () => {
    await using cluster = await FakeCluster.start(2)
    cluster.put(large)
    const other = Buffer.from(large).fill('x', 0, 1)
    const inputs = [written('same', large), written('other', other)]
    const {files} = await pushInputs(cluster.client(), 'data:old', inputs)
    expect(files.map(file => file.wasKnown)).toEqual([true, false])
    expect(cluster.places).toMatchObject([{blob: sha(other)}])
  })

  test('is hashed first where the master cannot tell lengths', async () => {
    await using cluster = await FakeCluster.start(1)
    cluster.tellsSizes = false
    await pushInputs(cluster.client(), 'data:before', [written('before', large)])
    expect(cluster.places).toMatchObject([{blob: sha(large)}])
  })

  test('that grew since it was listed is pushed as it is', async () => {
    await using cluster = await FakeCluster.start(1)
    const input = written('grown', large)
    const longer = Buffer.concat([large, bytes])
    writeFileSync(input.text, longer)
    const {files} = await pushInputs(cluster.client(), 'data:grown', [input])
    expect(files[0]?.entry).toMatchObject({blob: sha(longer), bytes: longer.length})
  })

  test('of which all nodes have other bytes than were sent is an error', async () => {
    await using cluster = await FakeCluster.start(1)
    first(cluster).fault = async (request, response) => {
      await bodyOf(request)
      json(response, 201, {blob: sha('other'), bytes: large.length, node: 'n1', existed: false})
      return true
    }
    const pushed = pushInputs(cluster.client(), 'data:bad', [written('bad', large)])
    await expect(pushed).rejects.toMatchObject({code: 'CORRUPT', message: expect.stringContaining('differently on n1')})
    expect(cluster.changes).toEqual([])
  })

  test('is sent again as a whole to another node than the one that broke off', async () => {
    await using cluster = await FakeCluster.start(3)
    cluster.replicaCount = 2
    first(cluster).fault = request => {
      request.once('data', () => request.socket.destroy())
      return true
    }
    const {files} = await pushInputs(cluster.client(), 'data:broke', [written('broke', large)])
    expect(files[0]).toMatchObject({nodes: ['n2', 'n3'], entry: {blob: sha(large)}})
  })
})

test('a file that was longer when it was listed is pushed as it is', async () => {
  await using cluster = await FakeCluster.start(1)
  const path = join(dir, 'listed')
  writeFileSync(path, 'long before')
  const input = parseInput(path)
  writeFileSync(path, 'now')
  expect((await pushInputs(cluster.client(), 'data:l', [input])).files[0]?.entry.blob).toBe(sha('now'))
  writeFileSync(path, bytes)
  expect((await pushInputs(cluster.client(), 'data:l', [input])).files[0]?.entry.blob).toBe(sha(bytes))
})

test('a complaint that all files share is told once', async () => {
  await using cluster = await FakeCluster.start(1)
  const paths = ['d', 'e'].map(name => join(dir, name))
  for (const path of paths) writeFileSync(path, path)
  cluster.fault = (request, response) => {
    if (!request.url?.endsWith('/place')) return false
    const targets = [{node: 'n1', url: `${first(cluster).url}/uploads/x`}]
    json(response, 200, {replicaCount: 3, targets, warning: '1 of 3 copies'})
    return true
  }
  const warnings: string[] = []
  await pushInputs(
    cluster.client(),
    'data:y',
    paths.map(path => parseInput(path)),
    {onWarning: text => warnings.push(text)},
  )
  expect(warnings).toEqual(['1 of 3 copies'])
})

test('a tag cannot be pushed', async () => {
  await using cluster = await FakeCluster.start(1)
  await expect(pushInputs(cluster.client(), 'x', [parseInput('tag://data:x')])).rejects.toMatchObject({
    code: 'BAD_FLAG',
  })
})

test('a blob that only one node holds gets its second copy', async () => {
  await using cluster = await FakeCluster.start(2)
  const path = join(dir, 'single')
  writeFileSync(path, 'single')
  cluster.put('single', [first(cluster)])
  const {files} = await pushInputs(cluster.client(), 'data:s', [parseInput(path)])
  expect(files[0]).toMatchObject({wasKnown: false, nodes: ['n1', 'n2']})
  expect(cluster.nodes.map(node => node.counts['PUT'])).toEqual([undefined, 1])
})

test('where there is one node, what it holds is not sent again', async () => {
  await using cluster = await FakeCluster.start(1)
  const path = join(dir, 'alone')
  writeFileSync(path, 'alone')
  cluster.put('alone')
  const {files} = await pushInputs(cluster.client(), 'data:s', [parseInput(path)])
  expect(files[0]).toMatchObject({wasKnown: true, nodes: []})
  expect(first(cluster).counts['PUT']).toBeUndefined()
})
