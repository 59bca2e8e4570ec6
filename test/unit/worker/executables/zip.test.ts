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
