import {beforeEach, expect, onTestFinished, test, vi} from 'vitest'
import {BlobNotices} from '../../../../src/cluster/agent/blob-notices.ts'
import {type AgentNotice, type BlobReport, pageSizeMax} from '../../../../src/protocol/index.ts'

beforeEach(() => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
})

const report = (blob: string): BlobReport => ({blob, bytes: 1, replicaCount: 1, touchedAtMs: 0})

function open(): {notices: BlobNotices; told: AgentNotice[]; count: () => number} {
  const told: AgentNotice[] = []
  let count = 0
  const notices = new BlobNotices({tell: notice => void told.push(notice), onTold: () => count++})
  return {notices, told, count: () => count}
}

test('what comes at about the same time is told together, uploads behind what they brought', () => {
  const {notices, told, count} = open()
  notices.noteUploadEnded('u1')
  notices.noteStored(report('a'))
  notices.noteStored(report('b'))
  expect(told).toEqual([])
  vi.runAllTimers()
  expect(told).toEqual([
    {type: 'blobs-stored', blobs: [report('a'), report('b')]},
    {type: 'uploads-ended', targets: ['u1']},
  ])
  expect(count()).toBe(1)
})

test('a blob that goes is told at once, behind its own coming', () => {
  const {notices, told} = open()
  notices.noteStored(report('a'))
  notices.noteGone(['a'], 'corrupt')
  expect(told.map(({type}) => type)).toEqual(['blobs-stored', 'blobs-gone'])
  vi.runAllTimers()
  expect(told).toHaveLength(2)
})

test('a full page does not wait, and many that go are told in pages', () => {
  const {notices, told} = open()
  for (let number = 0; number < pageSizeMax; number++) notices.noteStored(report(String(number)))
  expect(told).toHaveLength(1)
  notices.noteGone(
    Array.from({length: pageSizeMax + 1}, (_, number) => String(number)),
    'missing',
  )
  expect(told.slice(1).map(notice => notice.type === 'blobs-gone' && notice.blobs.length)).toEqual([pageSizeMax, 1])
})

test('after the end nothing is told any more', () => {
  const {notices, told} = open()
  notices.noteStored(report('a'))
  notices.close()
  vi.runAllTimers()
  expect(told).toEqual([])
})
