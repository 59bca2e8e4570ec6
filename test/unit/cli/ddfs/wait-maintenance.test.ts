import {expect, test} from 'vitest'
import {notEndedText, waitingText, waitMaintenance} from '../../../../src/cli/ddfs/wait-maintenance.ts'
import type {GcInfo, MaintenanceInfo} from '../../../../src/protocol/index.ts'

const gc: GcInfo = {
  phase: 'wait',
  isDryRun: false,
  candidateCount: 0,
  suspectCount: 0,
  droppedCount: 0,
  droppedBytes: 0,
  heldBack: ['tags t cannot be read, not answering: n2'],
  deletions: [],
  deletionCount: 0,
}
const info = {gc} as MaintenanceInfo

test('waiting ends when its time is over, with the last that was heard', async () => {
  let askedCount = 0
  const client = {
    maintenance: async () => {
      askedCount++
      return info
    },
  }
  expect(
    await waitMaintenance(
      client,
      info,
      () => false,
      () => undefined,
      300,
    ),
  ).toBe(info)
  expect(askedCount).toBeGreaterThan(0)
  expect(askedCount).toBeLessThan(5)
})

test('a round that waits says for what, and how long it will', () => {
  expect(waitingText({...gc, givesUpInMs: 540_000})).toBe(
    'tags t cannot be read, not answering: n2 (it gives up in 9 m 00 s)',
  )
  expect(waitingText(gc)).toBe('tags t cannot be read, not answering: n2')
  expect(waitingText({...gc, heldBack: []})).toBe('')
})

test('a round that has not ended says why, also when another one runs before it', () => {
  const heldBack = ['waiting for n2']
  expect(notEndedText({...gc, round: 2, heldBack}, 2)).toBe(': waiting for n2')
  expect(notEndedText({...gc, round: 1, heldBack}, 2)).toBe(': round 1 runs before it; waiting for n2')
  expect(notEndedText({...gc, round: 2, heldBack: []}, 2)).toBe('')
})
