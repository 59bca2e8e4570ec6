import {expect, test} from 'vitest'
import {VerifiedBlobs} from '../../../../src/cluster/jobs/agent/verified-blobs.ts'
import {verifiedFilesMax, verifiedMs} from '../../../../src/cluster/jobs/limits.ts'

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
