import {appendFileSync, renameSync, writeFileSync} from 'node:fs'
import {expect, test} from 'vitest'
import {VerifiedBlobs} from '../../../../src/cluster/jobs/agent/verified-blobs.ts'
import {verifiedFilesMax, verifiedMs, writtenMs} from '../../../../src/cluster/jobs/limits.ts'
import {fileStampAt} from '../../../../src/worker/index.ts'
import {temporaryFolder} from '../../storage/folder.ts'

function known(): {blobs: VerifiedBlobs; pass(ms: number): void} {
  let nowMs = 0
  return {blobs: new VerifiedBlobs(() => nowMs), pass: ms => (nowMs += ms)}
}

test('a file is believed for a day from when it was compared last', () => {
  const {blobs, pass} = known()
  blobs.note({path: '/a', stamp: '1'})
  pass(verifiedMs - 1)
  expect(blobs.stampOf('/a')).toBe('1')
  pass(1)
  expect(blobs.stampOf('/a')).toBeUndefined()
  blobs.note({path: '/a', stamp: '2'})
  pass(verifiedMs - 1)
  expect(blobs.stampOf('/a')).toBe('2')
})

test('a file that nobody compared is not believed', () => {
  expect(known().blobs.stampOf('/a')).toBeUndefined()
})

test('of too many the oldest are forgotten', () => {
  const {blobs} = known()
  for (let number = 0; number <= verifiedFilesMax; number++) blobs.note({path: `/${number}`, stamp: '1'})
  expect(blobs.stampOf('/0')).toBeUndefined()
  expect(blobs.stampOf('/1')).toBe('1')
})

test('a file that was written here is believed for minutes, and as it was then', () => {
  const {blobs, pass} = known()
  const path = `${temporaryFolder()}/blob`
  writeFileSync(path, 'bytes')
  blobs.noteWritten(path)
  expect(blobs.stampOf(path)).toBe(fileStampAt(path))
  pass(writtenMs - 1)
  appendFileSync(path, 'more')
  expect(blobs.stampOf(path)).toBeDefined()
  expect(blobs.stampOf(path)).not.toBe(fileStampAt(path))
  pass(1)
  expect(blobs.stampOf(path)).toBeUndefined()
})

test('a name that another file has got is another stamp', () => {
  const {blobs} = known()
  const path = `${temporaryFolder()}/blob`
  writeFileSync(path, 'bytes')
  blobs.noteWritten(path)
  writeFileSync(`${path}.new`, 'bytes')
  renameSync(`${path}.new`, path)
  expect(blobs.stampOf(path)).not.toBe(fileStampAt(path))
})

test('a file that went before it could be looked at is not believed', () => {
  const {blobs} = known()
  blobs.noteWritten('/nowhere/blob')
  expect(blobs.stampOf('/nowhere/blob')).toBeUndefined()
})
