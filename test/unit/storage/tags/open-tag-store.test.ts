import {closeSync, existsSync, openSync, readFileSync, truncateSync, writeFileSync, writeSync} from 'node:fs'
import {join} from 'node:path'
import Driver from 'better-sqlite3'
import {expect, test} from 'vitest'
import {openTagStore} from '../../../../src/storage/index.ts'
import {openDatabase} from '../../../../src/storage/sqlite/open-database.ts'
import {tagMigrations} from '../../../../src/storage/tags/schema.ts'
import {SqliteTagStore} from '../../../../src/storage/tags/sqlite-tag-store.ts'
import {temporaryFolder} from '../folder.ts'
import {appendOf, entryOf} from './commits.ts'

async function storeWithTags(): Promise<string> {
  const path = join(temporaryFolder(), 'tags.sqlite')
  const {store} = await openTagStore(path)
  for (let counter = 1; counter <= 20; counter++) {
    store.handle(
      appendOf(
        't',
        counter,
        Array.from({length: 100}, (_, index) => entryOf(`${counter}-${index}`)),
      ),
    )
  }
  store.close()
  return path
}

function overwrite(path: string, position: number, bytes: Uint8Array): void {
  const descriptor = openSync(path, 'r+')
  writeSync(descriptor, bytes, 0, bytes.length, position)
  closeSync(descriptor)
}

test.each([
  ['garbage', (path: string) => writeFileSync(path, 'this is not a database, '.repeat(1000))],
  ['a broken header', (path: string) => overwrite(path, 0, Buffer.alloc(100))],
  ['broken pages', (path: string) => overwrite(path, 4096, Buffer.alloc(8 * 4096, 0xa5))],
  ['a file cut in the middle', (path: string) => truncateSync(path, 5 * 4096)],
  ['a file of no bytes', (path: string) => truncateSync(path, 0)],
])('%s is set aside, an empty store takes its place and says so until its peers have filled it', async (_, damage) => {
  const path = await storeWithTags()
  damage(path)
  const first = await openTagStore(path)
  const setAside = path.replace('.sqlite', '.corrupt-1.sqlite')
  expect(first).toMatchObject({wasRebuilt: true, setAside})
  expect(existsSync(setAside)).toBe(true)
  expect(first.store.tagCount()).toBe(0)
  first.store.close()
  const second = await openTagStore(path)
  expect(second.wasRebuilt).toBe(true)
  second.store.setRebuilding(false)
  second.store.close()
  const third = await openTagStore(path)
  expect(third.wasRebuilt).toBe(false)
  third.store.close()
})

test('a second corrupt database does not replace the first', async () => {
  const path = await storeWithTags()
  writeFileSync(path, 'first'.repeat(1000))
  const first = await openTagStore(path)
  first.store.close()
  writeFileSync(path, 'second'.repeat(1000))
  const {store, setAside} = await openTagStore(path)
  store.close()
  expect(setAside).toBe(path.replace('.sqlite', '.corrupt-2.sqlite'))
  expect(readFileSync(path.replace('.sqlite', '.corrupt-1.sqlite'), 'utf8')).toContain('first')
})

test('corruption that is met while running is answered as broken storage, and found at the next start', async () => {
  const path = await storeWithTags()
  const probe = new Driver(path)
  const sql = "SELECT rootpage FROM sqlite_schema WHERE name = 'entries'"
  const {rootpage} = probe.prepare<[], {rootpage: number}>(sql).get()!
  probe.close()
  overwrite(path, (rootpage - 1) * 4096, Buffer.alloc(4096, 0xff))
  // Without the check, as one that is too large for it.
  const store = new SqliteTagStore(await openDatabase(path, tagMigrations))
  const reply = store.handle({type: 'fetch-tag', tag: 't', after: 0})
  expect(reply).toMatchObject({type: 'failed', code: 'STORAGE_BROKEN'})
  store.close()
  expect(existsSync(`${path}.suspect`)).toBe(true)
  const again = await openTagStore(path)
  expect(again.wasRebuilt).toBe(true)
  expect(existsSync(`${path}.suspect`)).toBe(false)
  again.store.close()
})

test('a database of a newer program is refused and left alone', async () => {
  const path = await storeWithTags()
  const db = new Driver(path)
  db.pragma('user_version = 99')
  db.close()
  await expect(openTagStore(path)).rejects.toMatchObject({code: 'CANNOT_START', message: expect.stringContaining(path)})
  expect(existsSync(path.replace('.sqlite', '.corrupt-1.sqlite'))).toBe(false)
})

test('a folder that cannot be written is broken storage, not corruption', async () => {
  const folder = join(temporaryFolder(), 'file')
  writeFileSync(folder, '')
  await expect(openTagStore(join(folder, 'tags.sqlite'))).rejects.toMatchObject({code: 'STORAGE_BROKEN'})
})

test('the database of another store that is open cannot be opened', async () => {
  const path = await storeWithTags()
  const {store} = await openTagStore(path)
  await expect(openTagStore(path)).rejects.toMatchObject({code: 'STORAGE_BROKEN'})
  store.close()
})
