import {mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, expect, test} from 'vitest'
import {makeFolder} from '../../../src/sinks/index.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'make-folder-'))
})
afterAll(() => rmSync(folder, {recursive: true}))

test('folders above are made, and the first of them is told', async () => {
  expect(await makeFolder(join(folder, 'a/b/c'))).toBe(join(folder, 'a'))
  expect(statSync(join(folder, 'a/b/c')).isDirectory()).toBe(true)
  expect(await makeFolder(join(folder, 'a/b'))).toBeUndefined()
})

test('a file in the way is an error', async () => {
  mkdirSync(join(folder, 'd'))
  writeFileSync(join(folder, 'd/file'), '')
  await expect(makeFolder(join(folder, 'd/file'))).rejects.toMatchObject({code: 'ENOTDIR'})
  await expect(makeFolder(join(folder, 'd/file/below'))).rejects.toMatchObject({code: 'ENOTDIR'})
})

test.skipIf(process.platform !== 'linux')(
  'a file system that makes no folders is an error, not an endless loop',
  async () => {
    await expect(makeFolder('/proc/here/and/there')).rejects.toMatchObject({code: 'ENOENT'})
  },
)
