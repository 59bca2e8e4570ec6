import {spawnSync} from 'node:child_process'
import {mkdirSync, rmSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect, onTestFinished, test} from 'vitest'
import {openTagStore} from '../../../../src/storage/index.ts'
import {temporaryFolder} from '../folder.ts'
import {appendOf, entryOf} from '../tags/commits.ts'
import {bytesOf, openTestStore, readAll, streamOf} from './open-test-store.ts'

/** A disk of 8 MiB; undefined where a test may not mount one. */
function smallDisk(): string | undefined {
  const path = join(temporaryFolder(), 'disk')
  mkdirSync(path)
  const {status} = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', path])
  if (status !== 0) return undefined
  onTestFinished(() => void spawnSync('umount', ['--lazy', path]))
  return path
}

test('a real full disk refuses blobs and tags, keeps what it has, and goes on when there is room', async context => {
  const disk = smallDisk()
  if (disk === undefined) return context.skip('mounting needs root')
  const {store: tags} = await openTagStore(join(disk, 'tags.sqlite'))
  onTestFinished(() => tags.close())
  const {store} = await openTestStore({folder: disk})
  expect(tags.handle(appendOf('t', 1, [entryOf('a')]))).toMatchObject({type: 'applied'})
  const kept = await store.put(streamOf(bytesOf(1 << 20)))
  const failed = store.put(streamOf(bytesOf(16 << 20)))
  await expect(failed).rejects.toMatchObject({code: 'DISK_FULL', message: expect.stringContaining('node n1')})

  const ballast = join(disk, 'ballast')
  expect(() => writeFileSync(ballast, bytesOf(8 << 20))).toThrow('ENOSPC')
  await expect(store.put(streamOf(bytesOf(100)))).rejects.toMatchObject({code: 'DISK_FULL'})
  const entries = Array.from({length: 1000}, (_, index) => entryOf(`e${index}`))
  expect(tags.handle(appendOf('t', 2, entries))).toMatchObject({type: 'failed', code: 'DISK_FULL'})
  expect(tags.heads('', 9)).toMatchObject([{entryCount: 1}])
  expect((await readAll(store, kept.blob))?.equals(bytesOf(1 << 20))).toBe(true)

  rmSync(ballast)
  expect(tags.handle(appendOf('t', 2, entries))).toMatchObject({type: 'applied'})
  const {blob} = await store.put(streamOf(bytesOf(3 << 20)))
  expect((await store.scrub('', 1e9)).corrupt).toEqual([])
  expect(
    store
      .list('', 9)
      .map(each => each.blob)
      .sort(),
  ).toEqual([blob, kept.blob].sort())
})
