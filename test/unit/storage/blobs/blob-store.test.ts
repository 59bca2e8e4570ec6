import {chmodSync, readdirSync, readFileSync, statSync, truncateSync} from 'node:fs'
import {join} from 'node:path'
import {Readable} from 'node:stream'
import {describe, expect, test} from 'vitest'
import {bytesOf, openTestStore, readAll, sha256, streamOf} from './open-test-store.ts'

const pathOf = (folder: string, blob: string): string => join(folder, 'volume/blobs', blob.slice(0, 2), blob)
const MiB = 1 << 20

describe('put', () => {
  test.each([0, 1, MiB - 1, MiB, MiB + 1, 3 * MiB + 17])('stores %i bytes and gives them back', async length => {
    const {store, folder, clock} = await openTestStore()
    const bytes = bytesOf(length)
    const blob = sha256(bytes)
    const report = await store.put(streamOf(bytes, 10_007), {blob, bytes: length, replicaCount: 3})
    expect(report).toEqual({blob, bytes: length, replicaCount: 3, touchedAtMs: clock.wallMs})
    expect(store.find(blob)).toEqual(report)
    expect((await readAll(store, blob))?.equals(bytes)).toBe(true)
    expect(readFileSync(pathOf(folder, blob)).equals(bytes)).toBe(true)
    expect(statSync(pathOf(folder, blob)).mode & 0o777).toBe(0o400)
  })

  test('tells which file it wrote, once, and of none that was refused', async () => {
    const {store, folder, written} = await openTestStore()
    const {blob} = await store.put(streamOf(bytesOf(100)))
    await store.put(streamOf(bytesOf(100)))
    await store.put(streamOf(bytesOf(100)), {blob})
    await expect(store.put(streamOf(bytesOf(50)), {bytes: 51})).rejects.toMatchObject({code: 'CORRUPT'})
    expect(written).toEqual([pathOf(folder, blob)])
  })

  test('takes a stream of Node in pieces of any size', async () => {
    const {store} = await openTestStore()
    const pieces = Array.from({length: 3000}, (_, index) => bytesOf(index % 700, index))
    const {blob} = await store.put(Readable.from(pieces))
    expect(blob).toBe(sha256(Buffer.concat(pieces)))
    expect((await readAll(store, blob))?.equals(Buffer.concat(pieces))).toBe(true)
  })

  test.each([true, false])('frees the pieces of its stream when they are given away: %s', async isGivenAway => {
    const {store} = await openTestStore()
    const bytes = bytesOf(3 * MiB)
    const pieces = [0, 1, 2].map(index => new Uint8Array(bytes.subarray(index * MiB, (index + 1) * MiB)))
    const {blob} = await store.put(Readable.from(pieces), {isGivenAway})
    expect((await readAll(store, blob))?.equals(bytes)).toBe(true)
    expect(pieces.map(piece => piece.length)).toEqual(isGivenAway ? [0, 0, 0] : [MiB, MiB, MiB])
  })

  test.each([
    ['another hash', {blob: sha256(Buffer.from('x'))}],
    ['fewer bytes', {bytes: 101}],
    ['more bytes', {bytes: 99}],
  ])('refuses %s than was announced and keeps nothing', async (_, options) => {
    const {store, folder} = await openTestStore()
    await expect(store.put(streamOf(bytesOf(100)), options)).rejects.toMatchObject({code: 'CORRUPT'})
    expect(readdirSync(join(folder, 'volume/partial'))).toEqual([])
    expect(readdirSync(join(folder, 'volume/blobs'))).toEqual([])
    expect(store.list('', 9)).toEqual([])
  })

  test('of a blob that is here makes it young, keeps the higher count and reads the stream to its end', async () => {
    const {store, clock} = await openTestStore()
    const bytes = bytesOf(200_000)
    const {blob} = await store.put(streamOf(bytes), {replicaCount: 3})
    clock.wallMs += 5000
    let isRead = false
    const stream = async function* () {
      yield* streamOf(bytes)
      isRead = true
    }
    expect(await store.put(stream(), {blob, replicaCount: 1})).toMatchObject({
      replicaCount: 3,
      touchedAtMs: clock.wallMs,
    })
    expect(isRead).toBe(true)
    expect(await store.put(streamOf(bytes), {replicaCount: 5})).toMatchObject({blob, replicaCount: 5})
    expect(store.list('', 9).length).toBe(1)
  })

  test('of a blob whose file was cut stores it anew', async () => {
    const {store, folder, told} = await openTestStore()
    const bytes = bytesOf(5000)
    const {blob} = await store.put(streamOf(bytes))
    chmodSync(pathOf(folder, blob), 0o600)
    truncateSync(pathOf(folder, blob), 100)
    await store.put(streamOf(bytes), {blob})
    expect(told).toEqual([`corrupt ${blob}`])
    expect(await readAll(store, blob)).toEqual(bytes)
  })

  test('of one blob ten times at once leaves one replica', async () => {
    const {store, folder} = await openTestStore()
    const bytes = bytesOf(2 * MiB + 5)
    const reports = await Promise.all(Array.from({length: 10}, () => store.put(streamOf(bytes))))
    expect(new Set(reports.map(each => each.blob)).size).toBe(1)
    expect((await readAll(store, reports[0]!.blob))?.equals(bytes)).toBe(true)
    expect(readdirSync(join(folder, 'volume/partial'))).toEqual([])
    expect(await store.usage()).toMatchObject({blobCount: 1, usedBytes: bytes.length, transferCount: 0})
  })

  test('ends with the error of its stream, with its signal, and when the store is closed', async () => {
    const {store, folder} = await openTestStore()
    const breaks = async function* () {
      yield bytesOf(100)
      throw new Error('the sender went away')
    }
    await expect(store.put(breaks())).rejects.toThrow('the sender went away')
    const hangs = async function* () {
      yield bytesOf(100)
      await new Promise(() => undefined)
    }
    const stopping = new AbortController()
    const stopped = store.put(hangs(), {signal: stopping.signal})
    stopping.abort(new Error('stopped'))
    await expect(stopped).rejects.toThrow('stopped')
    const closed = store.put(hangs())
    const closedFails = expect(closed).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringContaining('n1'),
    })
    await store.close()
    await closedFails
    expect(readdirSync(join(folder, 'volume/partial'))).toEqual([])
    await expect(store.put(streamOf(bytesOf(1)))).rejects.toMatchObject({code: 'UNAVAILABLE'})
  })
})

describe('read', () => {
  test('gives any range', async () => {
    const {store} = await openTestStore()
    const bytes = bytesOf(3 * MiB + 100)
    const {blob} = await store.put(streamOf(bytes))
    const ranges = [
      [0, 0],
      [0, 1],
      [MiB - 1, MiB + 1],
      [MiB, 2 * MiB],
      [5, 3 * MiB + 99],
      [3 * MiB, 3 * MiB + 100],
      [bytes.length, bytes.length],
    ]
    for (const [start, end] of ranges) {
      expect((await readAll(store, blob, {start: start!, end: end!}))?.equals(bytes.subarray(start, end))).toBe(true)
    }
    await expect(readAll(store, blob, {start: 5, end: bytes.length + 1})).rejects.toThrow(RangeError)
    await expect(readAll(store, blob, {start: -1})).rejects.toThrow(RangeError)
  })

  test('can be stopped half-way, and a second one goes on', async () => {
    const {store} = await openTestStore()
    const bytes = bytesOf(4 * MiB)
    const {blob} = await store.put(streamOf(bytes))
    await using opened = (await store.open(blob))!
    for await (const piece of opened.read()) {
      expect(piece.length).toBe(MiB)
      break
    }
    const rest: Buffer[] = []
    for await (const piece of opened.read({start: MiB})) rest.push(piece)
    expect(Buffer.concat(rest).equals(bytes.subarray(MiB))).toBe(true)
    expect((await store.usage()).transferCount).toBe(1)
  })

  test('goes on to the end when the blob is dropped meanwhile', async () => {
    const {store} = await openTestStore()
    const bytes = bytesOf(3 * MiB)
    const {blob} = await store.put(streamOf(bytes))
    await using opened = (await store.open(blob))!
    await store.drop([blob], 0)
    const pieces: Buffer[] = []
    for await (const piece of opened.read()) pieces.push(piece)
    expect(Buffer.concat(pieces).equals(bytes)).toBe(true)
    expect(await store.open(blob)).toBeUndefined()
  })
})

describe('touch, drop and idle blobs', () => {
  test('a blob is idle by the running time of its node, whatever the clock says', async () => {
    const first = await openTestStore()
    const {blob} = await first.store.put(streamOf(bytesOf(10)))
    first.clock.wallMs += 10 * 365 * 86_400_000
    expect(first.store.listIdle(1000, '', 9)).toEqual([])
    expect(await first.store.drop([blob], 1000)).toEqual({blobs: [], bytes: 0})
    first.clock.runningMs += 999
    expect(first.store.listIdle(1000, '', 9)).toEqual([])
    first.clock.runningMs += 1
    expect(first.store.listIdle(1000, '', 9).map(each => each.blob)).toEqual([blob])
    await first.store.close()

    const second = await openTestStore({folder: first.folder})
    expect(second.store.listIdle(1000, '', 9).map(each => each.blob)).toEqual([blob])
    expect(second.store.listIdle(1001, '', 9)).toEqual([])
    expect(await second.store.touch([blob, sha256(Buffer.from('?'))], 4)).toEqual([blob])
    expect(second.store.listIdle(1, '', 9)).toEqual([])
    expect(second.store.find(blob)?.replicaCount).toBe(4)
  })

  test('a drop names what is not here afterwards, and frees files', async () => {
    const {store, folder} = await openTestStore()
    const {blob} = await store.put(streamOf(bytesOf(10)))
    const other = sha256(Buffer.from('?'))
    expect(await store.drop([blob, other], 0)).toEqual({blobs: [blob, other], bytes: 10})
    expect(readdirSync(join(folder, 'volume/blobs', blob.slice(0, 2)))).toEqual([])
    expect(await store.open(blob)).toBeUndefined()
  })

  test('listings are in order of ids, page by page', async () => {
    const {store} = await openTestStore()
    for (let seed = 0; seed < 7; seed++) await store.put(streamOf(bytesOf(10, seed)))
    const all = store.list('', 100).map(each => each.blob)
    expect(all).toEqual([...all].sort())
    expect(store.list(all[2]!, 2).map(each => each.blob)).toEqual(all.slice(3, 5))
  })
})
