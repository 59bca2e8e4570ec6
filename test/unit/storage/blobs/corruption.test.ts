import {
  chmodSync,
  copyFileSync,
  readdirSync,
  readFileSync,
  renameSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import {join} from 'node:path'
import {expect, test} from 'vitest'
import {seededRandom} from '../../../../src/base/index.ts'
import {bytesOf, openTestStore, readAll, streamOf, type TestStore} from './open-test-store.ts'

const MiB = 1 << 20
const pathOf = ({folder}: TestStore, blob: string): string => join(folder, 'volume/blobs', blob.slice(0, 2), blob)

function damage(path: string, change: (bytes: Buffer) => Buffer): void {
  const bytes = readFileSync(path)
  chmodSync(path, 0o600)
  writeFileSync(path, change(bytes))
}

test('200 flipped bits are all detected, none of the bytes of such a block is served, and the replicas are set aside', async () => {
  const opened = await openTestStore()
  const random = seededRandom(7)
  const all = Array.from({length: 200}, (_, flip) =>
    bytesOf(flip % 20 === 0 ? 2 * MiB + 300 : 1 + random.int(5000), flip),
  )
  const blobs = (await Promise.all(all.map(bytes => opened.store.put(streamOf(bytes))))).map(({blob}) => blob)
  for (const [flip, bytes] of all.entries()) {
    const blob = blobs[flip]!
    const position = random.int(bytes.length)
    damage(pathOf(opened, blob), copy => {
      copy[position]! ^= 1 << random.int(8)
      return copy
    })
    const served: Buffer[] = []
    const read = async (): Promise<void> => {
      await using found = (await opened.store.open(blob))!
      // A part of the damaged block that is itself sound must not leave either.
      const start = random.int(2) === 0 ? 0 : Math.floor(position / MiB) * MiB
      for await (const piece of found.read({start})) served.push(piece)
    }
    await expect(read(), `flip ${flip}`).rejects.toMatchObject({code: 'CORRUPT'})
    const servedBytes = Buffer.concat(served)
    expect(servedBytes.equals(bytes.subarray(0, servedBytes.length))).toBe(true)
    expect(servedBytes.length).toBeLessThanOrEqual(position)
    expect(await opened.store.open(blob)).toBeUndefined()
    expect(opened.told.at(-1)).toBe(`corrupt ${blob}`)
  }
  expect(opened.told.length).toBe(200)
  expect(await opened.store.usage()).toMatchObject({corruptCount: 200, blobCount: 0, transferCount: 0})
  expect(readdirSync(join(opened.folder, 'volume/corrupt')).length).toBe(20)
}, 30_000)

test.each<[string, (path: string, other: string) => void]>([
  ['cut', path => truncateSync(path, MiB + 5)],
  ['emptied', path => truncateSync(path, 0)],
  ['zeroed in part', path => damage(path, bytes => bytes.fill(0, MiB + 4096, MiB + 8192))],
  ['swapped with another', (path, other) => copyFileSync(other, path)],
])('a blob whose file was %s is not served and is found by the scrub', async (_, harm) => {
  for (const how of ['read', 'scrub'] as const) {
    const opened = await openTestStore()
    const {blob} = await opened.store.put(streamOf(bytesOf(2 * MiB)))
    const {blob: other} = await opened.store.put(streamOf(bytesOf(2 * MiB, 9)))
    chmodSync(pathOf(opened, blob), 0o600)
    harm(pathOf(opened, blob), pathOf(opened, other))
    if (how === 'read') {
      await expect(readAll(opened.store, blob, {start: MiB + 4000})).rejects.toMatchObject({code: 'CORRUPT'})
    } else {
      expect(await opened.store.scrub('', 1e9)).toMatchObject({blobCount: 2, corrupt: [blob]})
    }
    expect(opened.told).toEqual([`corrupt ${blob}`])
    expect(readdirSync(join(opened.folder, 'volume/corrupt'))).toEqual([blob])
    expect((await readAll(opened.store, other))?.equals(bytesOf(2 * MiB, 9))).toBe(true)
  }
})

test('a blob that was set aside can be stored again', async () => {
  const opened = await openTestStore()
  const bytes = bytesOf(100)
  const {blob} = await opened.store.put(streamOf(bytes))
  damage(pathOf(opened, blob), copy => copy.fill(0))
  await expect(readAll(opened.store, blob)).rejects.toThrow()
  await opened.store.put(streamOf(bytes), {blob})
  expect(await readAll(opened.store, blob)).toEqual(bytes)
})

test('a late complaint about a replica does not take the one that replaced it', async () => {
  const opened = await openTestStore()
  const bytes = bytesOf(3 * MiB)
  const {blob} = await opened.store.put(streamOf(bytes))
  damage(pathOf(opened, blob), copy => copy.fill(0, 2 * MiB))
  await using late = (await opened.store.open(blob))!
  await expect(readAll(opened.store, blob)).rejects.toThrow()
  await opened.store.put(streamOf(bytes), {blob})
  const read = async (): Promise<void> => {
    for await (const piece of late.read({start: 2 * MiB})) expect(piece).toEqual([])
  }
  await expect(read()).rejects.toMatchObject({code: 'CORRUPT'})
  expect((await readAll(opened.store, blob))?.equals(bytes)).toBe(true)
})

test('a file that is gone is reported as missing by open, by touch and at the start', async () => {
  const opened = await openTestStore()
  const blobs = [1, 2, 3].map(async seed => (await opened.store.put(streamOf(bytesOf(10, seed)))).blob)
  const [first, second, third] = (await Promise.all(blobs)) as [string, string, string]
  for (const blob of [first, second, third]) unlinkSync(pathOf(opened, blob))
  expect(await opened.store.open(first)).toBeUndefined()
  expect(await opened.store.touch([second], 1)).toEqual([])
  await opened.store.close()
  const again = await openTestStore({folder: opened.folder})
  expect([...opened.told, ...again.told]).toEqual([first, second, third].map(blob => `missing ${blob}`))
  expect(again.store.list('', 9)).toEqual([])
})

test('a deep touch reads the bytes again: one flipped bit is found, by size it is not', async () => {
  const opened = await openTestStore()
  const {blob} = await opened.store.put(streamOf(bytesOf(5000, 1)))
  const whole = (await opened.store.put(streamOf(bytesOf(5000, 2)))).blob
  damage(pathOf(opened, blob), copy => {
    copy[100]! ^= 1
    return copy
  })
  expect(await opened.store.touch([blob, whole], 1)).toEqual([blob, whole])
  expect(await opened.store.touch([blob, whole], 1, true)).toEqual([whole])
  expect(opened.told).toEqual([`corrupt ${blob}`])
})

test('a scrub goes on where it stopped, and ends with its signal', async () => {
  const {store} = await openTestStore()
  for (let seed = 0; seed < 5; seed++) await store.put(streamOf(bytesOf(1000, seed)))
  const ids = store.list('', 9).map(each => each.blob)
  const first = await store.scrub('', 2500)
  expect(first).toEqual({blobCount: 3, bytes: 3000, corrupt: [], after: ids[2]})
  expect(await store.scrub(first.after!, 2500)).toEqual({blobCount: 2, bytes: 2000, corrupt: []})
  await expect(store.scrub('', 1e9, AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough')
})

test('files without rows are hashed and adopted; what is not what its name says is set aside', async () => {
  const opened = await openTestStore()
  const good = (await opened.store.put(streamOf(bytesOf(2 * MiB)))).blob
  const bad = (await opened.store.put(streamOf(bytesOf(10)))).blob
  await opened.store.close()
  for (const name of readdirSync(opened.folder)) {
    if (name.startsWith('blobs.sqlite')) renameSync(join(opened.folder, name), join(opened.folder, `old-${name}`))
  }
  damage(pathOf(opened, bad), copy => copy.fill(1))
  const again = await openTestStore({folder: opened.folder})
  await again.store.adopted()
  expect(again.told).toEqual([`adopted ${good}`])
  expect((await readAll(again.store, good))?.equals(bytesOf(2 * MiB))).toBe(true)
  expect(readdirSync(join(opened.folder, 'volume/corrupt'))).toEqual([bad])
})

test('a corrupt database of blobs is made again from the files', async () => {
  const opened = await openTestStore()
  const {blob} = await opened.store.put(streamOf(bytesOf(500)))
  await opened.store.close()
  writeFileSync(join(opened.folder, 'blobs.sqlite'), 'nonsense'.repeat(1000))
  const again = await openTestStore({folder: opened.folder})
  await again.store.adopted()
  expect(await readAll(again.store, blob)).toEqual(bytesOf(500))
})
