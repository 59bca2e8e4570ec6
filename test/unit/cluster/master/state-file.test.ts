import {existsSync, readdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect, test} from 'vitest'
import {MasterFile} from '../../../../src/cluster/master/state-file.ts'
import {temporaryFolder} from '../../storage/folder.ts'

test('a new folder gets a key of its own and epoch 0', () => {
  const [one, other] = [new MasterFile(temporaryFolder()), new MasterFile(temporaryFolder())]
  expect(one.memory).toMatchObject({epoch: 0, floor: 1, wiped: []})
  expect(one.memory.key).toMatch(/^[0-9a-f]{32}$/)
  expect(other.memory.key).not.toBe(one.memory.key)
})

test('what was remembered is there after a restart, and nothing else lies about', () => {
  const folder = temporaryFolder()
  const file = new MasterFile(folder)
  file.remember({epoch: 7})
  file.remember({wiped: ['n1'], floor: 2})
  expect(new MasterFile(folder).memory).toEqual({...file.memory, epoch: 7, wiped: ['n1'], floor: 2})
  expect(readdirSync(folder)).toEqual(['master.json'])
})

test('a write that was cut off leaves what was there before', () => {
  const folder = temporaryFolder()
  new MasterFile(folder).remember({epoch: 7})
  writeFileSync(join(folder, 'master.json.new'), '{"key":"ha')
  expect(new MasterFile(folder).memory.epoch).toBe(7)
})

test.each(['', '{', 'null', '[]', '{"key":5,"epoch":1}', '{"key":"a","epoch":1.5}', '{"epoch":1}'])(
  'a damaged file (%s) is told with what to do, and left as it is',
  text => {
    const folder = temporaryFolder()
    const path = join(folder, 'master.json')
    writeFileSync(path, text)
    expect(() => new MasterFile(folder)).toThrow(
      expect.objectContaining({code: 'CANNOT_START', hint: expect.stringContaining('move it away')}),
    )
    expect(readFileSync(path, 'utf8')).toBe(text)
    expect(existsSync(`${path}.new`)).toBe(false)
  },
)
