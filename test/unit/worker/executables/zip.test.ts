import {expect, test} from 'vitest'
import {readZip, writeZip} from '../../../../src/worker/index.ts'

const archive = writeZip([
  {path: 'lib/b.txt', content: Buffer.from('b'.repeat(1000)), isExecutable: false},
  {path: 'a.sh', content: Buffer.from('#!/bin/sh\n'), isExecutable: true},
])
const renamed = (to: string): Buffer => Buffer.from(archive.toString('latin1').replaceAll('lib/b.txt', to), 'latin1')

test('an archive gives back its files', () => {
  const files = readZip(archive).map(({path, isExecutable, content}) => [path, isExecutable, content().length])
  expect(files).toEqual([
    ['a.sh', true, 10],
    ['lib/b.txt', false, 1000],
  ])
  expect(readZip(Buffer.alloc(0))).toEqual([])
})

test.each(['../../etc', '/etc/pass', 'a/../../b', 'lib\\b.txt', 'a.sh/bbbb'])('the name %s is refused', name => {
  expect(() => readZip(renamed(name))).toThrow('the job home (ZIP) cannot be used')
})

test('an archive that is cut or changed is refused, or found damaged', () => {
  for (let at = 0; at < archive.length; at++) {
    expect(() => readZip(archive.subarray(0, Math.max(1, at)))).toThrow('the job home (ZIP) cannot be used')
    const changed = Buffer.from(archive).fill(archive[at]! ^ 0x55, at, at + 1)
    try {
      for (const {content} of readZip(changed)) content()
    } catch (error) {
      expect(error).toMatchObject({code: 'JOB_FILE_BROKEN'})
    }
  }
})

/** In the entry of `lib/b.txt` in the directory. */
function changed(write: (archive: Buffer, entry: number) => void): Buffer {
  const copy = Buffer.from(archive)
  write(copy, copy.lastIndexOf('lib/b.txt') - 46)
  return copy
}

test.each([
  ['a link', (copy: Buffer, at: number) => copy.writeUInt16LE(0o120777, at + 40), 'is a link'],
  ['what is encrypted', (copy: Buffer, at: number) => copy.writeUInt16LE(1, at + 8), 'is encrypted'],
  ['more than fits', (copy: Buffer, at: number) => copy.writeUInt32LE(0x7fffffff, at + 24), 'its files have more than'],
  [
    'bytes that it has not',
    (copy: Buffer, at: number) => copy.writeUInt32LE(1 << 20, at + 20),
    'more bytes than it has',
  ],
  ['a size of ZIP64', (copy: Buffer, at: number) => copy.writeUInt32LE(0xffffffff, at + 24), 'ZIP64'],
  ['a number of files', (copy: Buffer) => copy.writeUInt16LE(30_000, copy.length - 12), 'more than 20000'],
] as const)('%s is refused before anything is unpacked', (_, write, message) => {
  expect(() => readZip(changed(write))).toThrow(message)
})

test.each([
  ['shorter', 10],
  ['longer', 100_000],
])('a file that is %s than the archive says is damaged, and never unpacked further', (_, bytes) => {
  const files = readZip(changed((copy, at) => copy.writeUInt32LE(bytes, at + 24)))
  expect(() => files.find(({path}) => path === 'lib/b.txt')!.content()).toThrow('is damaged')
})
