import {expect, test} from 'vitest'
import {overdueOf, type WorkerFacts} from '../../../../src/worker/executables/overdue.ts'

const limits = {memoryBytes: 1e6, taskSeconds: 60}
const times = {handshakeMs: 30_000, partialMs: 30_000, lastWordsSilenceMs: 10_000}
const fine: WorkerFacts = {
  residentBytes: 1e5,
  runMs: 59_000,
  silentMs: 59_000,
  hasSpoken: true,
  isStuck: false,
  brokenBytes: undefined,
  lastWords: '',
}
const endOf = (facts: Partial<WorkerFacts>) => {
  const end = overdueOf({...fine, ...facts}, limits, times)
  return typeof end === 'object' ? end.text : end
}

test('a worker that is silent between two messages goes on', () => {
  expect(endOf({})).toBeUndefined()
  expect(endOf({isStuck: true, silentMs: 29_999})).toBeUndefined()
  expect(endOf({hasSpoken: false, runMs: 30_000, silentMs: 0})).toBeUndefined()
})

test('each limit has its own words', () => {
  expect(endOf({residentBytes: 2e6})).toMatch('held 2.0 MB of memory, more than its limit of 1.0 MB')
  expect(endOf({runMs: 60_001})).toMatch('took longer than its limit of 60 s')
  expect(endOf({isStuck: true, silentMs: 30_001})).toBe('Worker stuck in the middle of a message')
  expect(endOf({hasSpoken: false, runMs: 30_001, lastWords: '. Last words:\nhm'})).toBe(
    'Worker did not send its PID in 30 seconds. Last words:\nhm',
  )
})

test('who is no longer understood may go on for ten seconds of silence, or 100 KiB', () => {
  expect(endOf({brokenBytes: 0, silentMs: 9999})).toBeUndefined()
  expect(endOf({brokenBytes: 0, silentMs: 10_001})).toBe('died')
  expect(endOf({brokenBytes: 100 * 1024 + 1, silentMs: 0})).toBe('died')
})
