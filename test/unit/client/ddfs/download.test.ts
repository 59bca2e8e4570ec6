import {gzipSync, zstdCompressSync} from 'node:zlib'
import {expect, test} from 'vitest'
import {readBlob, readBlobText} from '../../../../src/client/index.ts'
import {FakeCluster, fail, textIn} from '../fake-cluster.ts'

const text = 'one line of a log\n'.repeat(20_000)

test('a blob is read as it was stored', async () => {
  await using cluster = await FakeCluster.start()
  expect(await textIn(readBlob(cluster.client(), cluster.put(text)))).toBe(text)
})

test('where a node breaks off another one goes on', async () => {
  await using cluster = await FakeCluster.start(2)
  const blob = cluster.put(text)
  const ranges: (string | undefined)[] = []
  cluster.nodes[0]!.fault = (_, response, time) => {
    if (time > 1) return response.destroy() !== undefined
    response.writeHead(200, {'content-length': text.length})
    response.write(text.slice(0, 100_000), () => setTimeout(() => response.destroy(), 20))
    return true
  }
  cluster.nodes[1]!.fault = request => {
    ranges.push(request.headers.range)
    return false
  }
  expect(await textIn(readBlob(cluster.client(), blob))).toBe(text)
  expect(ranges).toEqual(['bytes=100000-'])
})

test('a node that breaks off but comes back is asked for the rest', async () => {
  await using cluster = await FakeCluster.start(1)
  const blob = cluster.put(text)
  cluster.nodes[0]!.fault = (_, response, time) => {
    if (time > 1) return false
    response.writeHead(200, {'content-length': text.length})
    response.write(text.slice(0, 5000), () => setTimeout(() => response.destroy(), 20))
    return true
  }
  expect(await textIn(readBlob(cluster.client(), blob))).toBe(text)
  expect(cluster.nodes[0]?.counts['GET']).toBe(2)
})

test('an answer that is shorter than the blob is not the blob', async () => {
  await using cluster = await FakeCluster.start(1)
  const blob = cluster.put(text)
  cluster.nodes[0]!.fault = (_, response) => {
    response.writeHead(200, {'content-length': 0}).end()
    return true
  }
  await expect(textIn(readBlob(cluster.client(), blob))).rejects.toThrow(
    `blob ${blob} cannot be read (n1: ended after 0 of ${text.length} bytes)`,
  )
})

test('an answer that is longer than the blob is refused', async () => {
  await using cluster = await FakeCluster.start(1)
  const blob = cluster.put(text)
  cluster.nodes[0]!.fault = (_, response) => {
    response.end(`${text}and more`)
    return true
  }
  await expect(textIn(readBlob(cluster.client(), blob))).rejects.toMatchObject({code: 'UNAVAILABLE'})
})

test('of corrupt bytes the last piece is never given', async () => {
  await using cluster = await FakeCluster.start(1)
  const blob = cluster.put(text)
  cluster.nodes[0]!.fault = (_, response) => {
    response.end(text.replace('log', 'lug'))
    return true
  }
  let given = 0
  const read = async (): Promise<void> => {
    for await (const piece of readBlob(cluster.client(), blob)) given += piece.length
  }
  await expect(read()).rejects.toMatchObject({code: 'CORRUPT'})
  expect(given).toBeLessThan(text.length)
})

test('a node that ignores the range is not taken for one that goes on', async () => {
  await using cluster = await FakeCluster.start(1)
  const blob = cluster.put(text)
  cluster.nodes[0]!.fault = (_, response, time) => {
    response.writeHead(200, {'content-length': text.length})
    if (time > 1) response.end(text)
    else response.write(text.slice(0, 5000), () => setTimeout(() => response.destroy(), 20))
    return true
  }
  await expect(textIn(readBlob(cluster.client(), blob))).rejects.toThrow('does not go on where it was asked to')
})

test('a blob that nobody holds is told by its id', async () => {
  await using cluster = await FakeCluster.start()
  await expect(textIn(readBlob(cluster.client(), '0'.repeat(64)))).rejects.toMatchObject({
    code: 'BLOB_NOT_FOUND',
    exitCode: 3,
  })
})

test('a busy node is passed over for the other copy', async () => {
  await using cluster = await FakeCluster.start(2)
  const blob = cluster.put(text)
  cluster.nodes[0]!.fault = (_, response) => {
    fail(response, 503, 'OVERLOADED', 'later')
    return true
  }
  expect(await textIn(readBlob(cluster.client(), blob))).toBe(text)
})

test.each([
  ['gzip', gzipSync(text)],
  ['two gzip members', Buffer.concat([gzipSync(text.slice(0, 1000)), gzipSync(text.slice(1000))])],
  ['zstd', zstdCompressSync(text)],
  ['nothing', Buffer.from(text)],
])('the text of a blob in %s is the text', async (_, stored) => {
  await using cluster = await FakeCluster.start()
  expect(await textIn(readBlobText(cluster.client(), cluster.put(stored)))).toBe(text)
})

test('an archive that is cut off is an error', async () => {
  await using cluster = await FakeCluster.start()
  const stored = gzipSync(text)
  const blob = cluster.put(stored.subarray(0, stored.length - 20))
  await expect(textIn(readBlobText(cluster.client(), blob))).rejects.toMatchObject({code: 'INPUT_UNREADABLE'})
})

test('a reader that stops early leaves nothing behind', async () => {
  await using cluster = await FakeCluster.start(1)
  const client = cluster.client()
  for await (const piece of readBlobText(client, cluster.put(zstdCompressSync(text)))) {
    expect(piece.length).toBeGreaterThan(0)
    break
  }
  client.close()
})
