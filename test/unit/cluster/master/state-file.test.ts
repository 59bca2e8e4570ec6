import {existsSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect, test} from 'vitest'
import {MasterFile} from '../../../../src/cluster/master/state-file.ts'
import {temporaryFolder} from '../../storage/folder.ts'

const messages: string[] = []
const open = (folder: string): MasterFile => new MasterFile(folder, ({msg}) => messages.push(msg))

test('a new folder gets a key of its own and epoch 0', () => {
  const [one, other] = [open(temporaryFolder()), open(temporaryFolder())]
  expect(one.memory).toMatchObject({epoch: 0, floor: 1, wiped: []})
  expect(one.memory.key).toMatch(/^[0-9a-f]{32}$/)
  expect(other.memory.key).not.toBe(one.memory.key)
})

test('what was remembered is there after a restart, and nothing else lies about', () => {
  const folder = temporaryFolder()
  const file = open(folder)
  file.remember({epoch: 7})
  file.remember({wiped: ['n1'], floor: 2})
  expect(open(folder).memory).toEqual({...file.memory, epoch: 7, wiped: ['n1'], floor: 2})
  expect(readdirSync(folder)).toEqual(['master.json'])
})

test('a write that was cut off leaves what was there before', () => {
  const folder = temporaryFolder()
  open(folder).remember({epoch: 7})
  writeFileSync(join(folder, 'master.json.new'), '{"key":"ha')
  expect(open(folder).memory.epoch).toBe(7)
})

test.each(['', '{', 'null', '[]', '{"key":5,"epoch":1}', '{"key":"a","epoch":1.5}', '{"epoch":1}'])(
  'a damaged file (%s) is told with what to do, and left as it is',
  text => {
    const folder = temporaryFolder()
    const path = join(folder, 'master.json')
    writeFileSync(path, text)
    expect(() => open(folder)).toThrow(
      expect.objectContaining({code: 'CANNOT_START', hint: expect.stringContaining('move it away')}),
    )
    expect(readFileSync(path, 'utf8')).toBe(text)
    expect(existsSync(`${path}.new`)).toBe(false)
  },
)

test('on a full disk what happened is saved as soon as there is room, and what is asked for is refused', async () => {
  const folder = temporaryFolder()
  const file = open(folder)
  file.remember({epoch: 7})
  messages.length = 0
  // A device that takes nothing stands in for the draft of the file.
  symlinkSync('/dev/full', join(folder, 'master.json.new'))
  file.note({wiped: ['n1']})
  expect(file.memory.wiped).toEqual(['n1'])
  expect(open(folder).memory.wiped).toEqual([])
  expect(() => file.checkRoom()).toThrow(expect.objectContaining({code: 'DISK_FULL'}))
  expect(() => file.remember({floor: 3})).toThrow(expect.objectContaining({code: 'DISK_FULL'}))
  expect(file.memory.floor).toBe(1)
  rmSync(join(folder, 'master.json.new'))
  await expect.poll(() => open(folder).memory.wiped, {timeout: 5000}).toEqual(['n1'])
  expect(messages).toEqual(['the disk is full', 'there is room again: what the master knows is saved'])
  file.checkRoom()
})
