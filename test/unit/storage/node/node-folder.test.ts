import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {readdirSync, statSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect, onTestFinished, test} from 'vitest'
import {openNodeFolder} from '../../../../src/storage/index.ts'
import {temporaryFolder} from '../folder.ts'

const newPath = (): string => join(temporaryFolder(), 'home/n1')

test('a new folder is for its owner alone and gets a key and a name, which it keeps', async () => {
  const path = newPath()
  const first = await openNodeFolder(path, {defaultName: 'n1'})
  expect(first).toMatchObject({isNew: true, path})
  expect(first.identity).toEqual({key: expect.stringMatching(/^[0-9a-f]{32}$/), name: 'n1'})
  expect(statSync(path).mode & 0o777).toBe(0o700)
  expect(statSync(join(path, 'node.json')).mode & 0o777).toBe(0o600)
  first.setClusterId('c1')
  first.close()
  const second = await openNodeFolder(path, {defaultName: 'n2'})
  expect(second.isNew).toBe(false)
  expect(second.identity).toEqual({...first.identity, clusterId: 'c1'})
  second.close()
})

test('two folders have two keys', async () => {
  const first = await openNodeFolder(newPath(), {defaultName: 'n1'})
  const second = await openNodeFolder(newPath(), {defaultName: 'n1'})
  expect(first.identity.key).not.toBe(second.identity.key)
  first.close()
  second.close()
})

test('the folder of a node with another name is refused', async () => {
  const path = newPath()
  const folder = await openNodeFolder(path, {name: 'n1', defaultName: 'x'})
  folder.close()
  await expect(openNodeFolder(path, {name: 'n2', defaultName: 'x'})).rejects.toMatchObject({
    code: 'CANNOT_START',
    message: expect.stringContaining('n1, not n2'),
  })
  const again = await openNodeFolder(path, {name: 'n1', defaultName: 'x'})
  again.close()
})

test.each(['', '{"key": "x"', '{"key": "00"}', `{"key": "${'0'.repeat(32)}", "name": "../x"}`])(
  'an identity of %j is refused and not overwritten',
  async text => {
    const path = newPath()
    const folder = await openNodeFolder(path, {defaultName: 'n1'})
    folder.close()
    writeFileSync(join(path, 'node.json'), text)
    const failed = openNodeFolder(path, {defaultName: 'n1'})
    await expect(failed).rejects.toMatchObject({code: 'CANNOT_START', message: expect.stringContaining('node.json')})
  },
)

test('a folder is refused while another process has it, which is named, and free when that was killed', async () => {
  const path = newPath()
  const child = spawn(process.execPath, [join(import.meta.dirname, 'holds-folder.ts'), path])
  onTestFinished(() => void child.kill('SIGKILL'))
  const [key] = await once(child.stdout, 'data')
  const refused = openNodeFolder(path, {defaultName: 'n1'})
  await expect(refused).rejects.toMatchObject({
    code: 'CANNOT_START',
    message: `the folder ${path} is in use by process ${child.pid}`,
  })
  child.kill('SIGKILL')
  await once(child, 'close')
  const folder = await openNodeFolder(path, {defaultName: 'n1'})
  expect(folder.identity.key).toBe(String(key).trim())
  folder.close()
})

test('a folder is refused to another part of the same process', async () => {
  const path = newPath()
  const folder = await openNodeFolder(path, {defaultName: 'n1'})
  await expect(openNodeFolder(path, {defaultName: 'n1'})).rejects.toMatchObject({code: 'CANNOT_START'})
  folder.close()
  expect(readdirSync(path).sort()).toEqual(['lock.sqlite', 'node.json', 'node.pid'])
})
