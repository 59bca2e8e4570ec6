import {mkdirSync} from 'node:fs'
import {join} from 'node:path'
import {expect, test} from 'vitest'
import {diskIdOf} from '../../../../src/storage/files/disk-id.ts'
import {temporaryFolder} from '../folder.ts'

test('folders of one file system have one id, another file system has another', async () => {
  const folder = temporaryFolder()
  const inner = join(folder, 'inner')
  mkdirSync(inner)
  expect(await diskIdOf(inner)).toBe(await diskIdOf(folder))
  expect(await diskIdOf(folder)).toMatch(/^[0-9a-f]{16}$/)
  if (process.platform === 'linux') expect(await diskIdOf('/proc')).not.toBe(await diskIdOf(folder))
})
