import {mkdirSync, readdirSync, renameSync, rmSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {type FileSystem, nodeFileSystem, type OpenFile} from '../../../../src/storage/index.ts'
import {temporaryFolder} from '../folder.ts'
import {bytesOf, openTestStore, readAll, streamOf} from './open-test-store.ts'

const failing = (code: string): Error => Object.assign(new Error(`${code}: injected`), {code, syscall: 'write'})

/** Disks of which a test says how much is free, and whose files do what it says. */
function filesWith(change: {
  free?: Record<string, number>
  /** Of all paths, instead of one for each. */
  disk?: string
  create?: (file: OpenFile, path: string) => OpenFile
  open?: (file: OpenFile) => OpenFile
  syncFolder?: (path: string) => Promise<void>
}): FileSystem {
  return {
    ...nodeFileSystem,
    space: async path => ({disk: change.disk ?? path, freeBytes: change.free?.[path] ?? 1e12, totalBytes: 1e12}),
    create: async (path, mode) => {
      const file = await nodeFileSystem.create(path, mode)
      return path.includes('/partial/') && change.create !== undefined ? change.create(file, path) : file
    },
    openForReading: async path => {
      const file = await nodeFileSystem.openForReading(path)
      return path.includes('/blobs/') && change.open !== undefined ? change.open(file) : file
    },
    syncFolder: change.syncFolder ?? nodeFileSystem.syncFolder,
  }
}

const blobCountIn = (volume: string): number =>
  readdirSync(join(volume, 'blobs'), {recursive: true, withFileTypes: true}).filter(each => each.isFile()).length
const partialsIn = (volume: string): string[] => readdirSync(join(volume, 'partial'))

function twoVolumes(): [string, string, string] {
  const folder = temporaryFolder()
  return [folder, join(folder, 'v1'), join(folder, 'v2')]
}

test('a disk that fails to take what was written so far makes the upload fail, although it takes the rest', async () => {
  let syncCount = 0
  const files = filesWith({
    create: file => ({
      ...file,
      sync: async () => {
        if (syncCount++ === 0) throw failing('EIO')
        await file.sync()
      },
    }),
  })
  const {store, folder} = await openTestStore({files})
  const piece = Buffer.alloc(1 << 20)
  const long = async function* () {
    for (let count = 0; count < 66; count++) yield piece
  }
  await expect(store.put(long())).rejects.toMatchObject({code: 'STORAGE_BROKEN'})
  expect(partialsIn(join(folder, 'volume'))).toEqual([])
  expect(store.list('', 9)).toEqual([])
})

describe('room', () => {
  test('a blob goes to the volume with most room, counting what uploads have announced', async () => {
    const [folder, v1, v2] = twoVolumes()
    const free = {[v1]: 1000, [v2]: 900}
    const {store} = await openTestStore({folder, volumes: [v1, v2], files: filesWith({free})})
    let finish: () => void = () => undefined
    const slow = async function* () {
      yield bytesOf(100)
      await new Promise<void>(resolve => {
        finish = resolve
      })
      yield bytesOf(200)
    }
    const first = store.put(slow(), {bytes: 300})
    await expect.poll(() => partialsIn(v1).length).toBe(1)
    await store.put(streamOf(bytesOf(50)), {bytes: 50})
    expect([blobCountIn(v1), blobCountIn(v2)]).toEqual([0, 1])
    finish()
    await first
    await store.put(streamOf(bytesOf(60)), {bytes: 60})
    expect([blobCountIn(v1), blobCountIn(v2)]).toEqual([2, 1])
  })

  test('volumes below their reserve take nothing; when all are, the node says so', async () => {
    const [folder, v1, v2] = twoVolumes()
    const free = {[v1]: 1000, [v2]: 400}
    const options = {folder, volumes: [v1, v2], files: filesWith({free}), reserveBytes: 500}
    const {store} = await openTestStore(options)
    await store.put(streamOf(bytesOf(100)))
    expect((await store.usage()).volumes.map(each => each.isFull)).toEqual([false, true])
    await expect(store.put(streamOf(bytesOf(501, 2)), {bytes: 501})).rejects.toMatchObject({code: 'DISK_FULL'})
    free[v1] = 500
    const failed = store.put(streamOf(bytesOf(10, 3)))
    await expect(failed).rejects.toMatchObject({code: 'DISK_FULL', message: `node n1: no room left in ${v1}, ${v2}`})
    expect(await store.usage()).toMatchObject({isFull: true, freeBytes: 900, reserveBytes: 500})
    free[v1] = 1000
    await store.put(streamOf(bytesOf(10, 3)))
  })

  test('volumes on one disk share its room: it counts once, and what comes to one is no room of the other', async () => {
    const [folder, v1, v2] = twoVolumes()
    const free = {[v1]: 1000, [v2]: 990}
    const {store} = await openTestStore({folder, volumes: [v1, v2], files: filesWith({free, disk: 'd1'})})
    expect(await store.usage()).toMatchObject({freeBytes: 990, disks: [{disk: 'd1', freeBytes: 990}]})
    let finish: () => void = () => undefined
    const slow = async function* () {
      yield bytesOf(100)
      await new Promise<void>(resolve => {
        finish = resolve
      })
      yield bytesOf(700)
    }
    const first = store.put(slow(), {bytes: 800})
    await expect.poll(() => partialsIn(v1).length + partialsIn(v2).length).toBe(1)
    await expect(store.put(streamOf(bytesOf(300)), {bytes: 300})).rejects.toMatchObject({code: 'DISK_FULL'})
    finish()
    await first
  })

  test('a disk that gets full in the middle of an upload keeps nothing of it, and the error names it', async () => {
    const [folder, v1] = twoVolumes()
    let room = 3 << 20
    const create = (file: OpenFile): OpenFile => ({
      ...file,
      append: async buffers => {
        room -= buffers.reduce((sum, each) => sum + each.length, 0)
        if (room < 0) throw failing('ENOSPC')
        await file.append(buffers)
      },
    })
    const {store} = await openTestStore({folder, volumes: [v1], files: filesWith({create})})
    const failed = store.put(streamOf(bytesOf(8 << 20)))
    await expect(failed).rejects.toMatchObject({code: 'DISK_FULL', message: `node n1: no room left in ${v1}`})
    expect([partialsIn(v1), blobCountIn(v1)]).toEqual([[], 0])
    room = 10 << 20
    const {blob} = await store.put(streamOf(bytesOf(8 << 20)))
    expect(store.find(blob)).toBeDefined()
  })

  test('an upload of unknown length stops at the reserve', async () => {
    const [folder, v1] = twoVolumes()
    const free = {[v1]: 1e9}
    const files = filesWith({free, create: file => ({...file, append: async () => undefined})})
    const {store} = await openTestStore({folder, volumes: [v1], files, reserveBytes: 5e8})
    const piece = bytesOf(1 << 20)
    const stream = async function* () {
      for (let index = 0; ; index++) {
        if (index === 10) free[v1] = 4e8
        yield piece
      }
    }
    await expect(store.put(stream())).rejects.toMatchObject({code: 'DISK_FULL'})
    expect(partialsIn(v1)).toEqual([])
  })
})

describe('faults of a disk', () => {
  test.each(['sync', 'close'] as const)('a %s that fails is an upload that failed', async call => {
    const [folder, v1] = twoVolumes()
    const create = (file: OpenFile): OpenFile => ({
      ...file,
      [call]: async () => {
        if (call === 'close') await file.close()
        throw failing('EIO')
      },
    })
    const {store} = await openTestStore({folder, volumes: [v1], files: filesWith({create})})
    await expect(store.put(streamOf(bytesOf(10)))).rejects.toMatchObject({code: 'STORAGE_BROKEN'})
    expect([partialsIn(v1), store.list('', 9)]).toEqual([[], []])
  })

  test('a blob is not acknowledged before its folder is on the disk', async () => {
    const [folder, v1] = twoVolumes()
    let isBroken = false
    const syncFolder = async (path: string): Promise<void> => {
      if (isBroken && /blobs\/..$/.test(path)) throw failing('EIO')
    }
    const {store} = await openTestStore({folder, volumes: [v1], files: filesWith({syncFolder})})
    isBroken = true
    const failed = store.put(streamOf(bytesOf(10)))
    await expect(failed).rejects.toMatchObject({code: 'STORAGE_BROKEN', message: expect.stringContaining(v1)})
    expect(store.list('', 9)).toEqual([])
    isBroken = false
    expect(await store.put(streamOf(bytesOf(10)))).toBeDefined()
  })

  test('a replica that the disk does not give is corrupt; its file stays where it is', async () => {
    const [folder, v1] = twoVolumes()
    const open = (file: OpenFile): OpenFile => ({...file, read: () => Promise.reject(failing('EIO'))})
    const {store, told} = await openTestStore({folder, volumes: [v1], files: filesWith({open})})
    const {blob} = await store.put(streamOf(bytesOf(10)))
    await expect(readAll(store, blob)).rejects.toMatchObject({code: 'CORRUPT'})
    expect(told).toEqual([`corrupt ${blob}`])
    expect([store.find(blob), blobCountIn(v1)]).toEqual([undefined, 1])
  })

  test('too many open files give no replica up', async () => {
    const [folder, v1] = twoVolumes()
    let isShort = false
    const files: FileSystem = {
      ...nodeFileSystem,
      openForReading: path => (isShort ? Promise.reject(failing('EMFILE')) : nodeFileSystem.openForReading(path)),
    }
    const {store, told} = await openTestStore({folder, volumes: [v1], files})
    const {blob} = await store.put(streamOf(bytesOf(10)))
    isShort = true
    await expect(store.open(blob)).rejects.toMatchObject({code: 'STORAGE_BROKEN'})
    await expect(store.scrub('', 100)).rejects.toMatchObject({code: 'STORAGE_BROKEN'})
    isShort = false
    expect(await readAll(store, blob)).toEqual(bytesOf(10))
    expect(told).toEqual([])
  })
})

describe('volumes', () => {
  test('what an upload left is removed at the start', async () => {
    const first = await openTestStore()
    await first.store.close()
    const volume = join(first.folder, 'volume')
    writeFileSync(join(volume, 'partial/abc'), 'half a blob')
    await openTestStore({folder: first.folder})
    expect(partialsIn(volume)).toEqual([])
  })

  test('one that cannot be opened is reported and the others go on', async () => {
    const [folder, v1, v2] = twoVolumes()
    writeFileSync(v1, 'a file')
    const {store, broken} = await openTestStore({folder, volumes: [v1, v2]})
    expect(broken).toMatchObject([{path: v1}])
    await store.put(streamOf(bytesOf(10)))
    expect((await store.usage()).broken).toEqual(broken)
  })

  test('one whose disk is not mounted is not taken for empty, and shows its blobs again when it is', async () => {
    const [folder, v1, v2] = twoVolumes()
    const free = {[v1]: 2000, [v2]: 1000}
    const options = {folder, volumes: [v1, v2], files: filesWith({free})}
    const first = await openTestStore(options)
    const {blob} = await first.store.put(streamOf(bytesOf(10)))
    await first.store.close()
    renameSync(v1, `${v1}-elsewhere`)
    mkdirSync(v1)

    const second = await openTestStore(options)
    expect(second.broken).toMatchObject([{path: v1, message: expect.stringContaining('mounted')}])
    expect([second.store.list('', 9), second.told, readdirSync(v1)]).toEqual([[], [], []])
    await second.store.close()

    rmSync(v1, {recursive: true})
    renameSync(`${v1}-elsewhere`, v1)
    const third = await openTestStore(options)
    expect(await readAll(third.store, blob)).toEqual(bytesOf(10))
  })

  test('a blob that was stored again while its volume was away has one replica when it is back', async () => {
    const [folder, v1, v2] = twoVolumes()
    const options = {folder, volumes: [v1, v2], files: filesWith({free: {[v1]: 2000, [v2]: 1000}})}
    const first = await openTestStore(options)
    await first.store.put(streamOf(bytesOf(10)))
    await first.store.close()
    const second = await openTestStore({...options, volumes: [v2]})
    const {blob} = await second.store.put(streamOf(bytesOf(10)))
    await second.store.close()
    const third = await openTestStore(options)
    await third.store.adopted()
    expect([blobCountIn(v1), blobCountIn(v2)]).toEqual([0, 1])
    expect(await readAll(third.store, blob)).toEqual(bytesOf(10))
  })

  test('one that is mounted at another path keeps its blobs', async () => {
    const [folder, v1, v2] = twoVolumes()
    const first = await openTestStore({folder, volumes: [v1]})
    const {blob} = await first.store.put(streamOf(bytesOf(10)))
    await first.store.close()
    renameSync(v1, v2)
    const second = await openTestStore({folder, volumes: [v2]})
    expect(await readAll(second.store, blob)).toEqual(bytesOf(10))
    expect(second.told).toEqual([])
  })
})
