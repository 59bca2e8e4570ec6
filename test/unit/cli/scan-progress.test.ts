import {expect, test} from 'vitest'
import {clockMs} from '../../../src/cli/clock.ts'
import {ScanProgress} from '../../../src/cli/scan-progress.ts'
import type {ProgressSnapshot} from '../../../src/ui/index.ts'

test('what the scanners say is shown, and stays while the merge goes on', () => {
  const shown: ProgressSnapshot[] = []
  const display = {update: (snapshot: ProgressSnapshot) => void shown.push(snapshot), note: () => undefined}
  const show = new ScanProgress({...display, close: async () => undefined}, clockMs() - 1000)
  const scanners = [
    {bytes: 60, isBusy: true},
    {bytes: 40, isBusy: false},
  ]
  show.scan({sourceBytes: 50, sourceBytesTotal: 200, bytes: 100, records: 7, bad: 1, scanners})
  show.phase('merge')
  expect(shown[0]).toMatchObject({
    ...{phase: 'scan', bytesDone: 50, bytesTotal: 200, records: 7, bad: 1},
    threads: [
      {bytesDone: 60, state: 'busy'},
      {bytesDone: 40, state: 'idle'},
    ],
  })
  expect(shown[1]).toMatchObject({phase: 'merge', bytesDone: 50, records: 7})
  expect(shown[0]!.elapsedMs).toBeGreaterThanOrEqual(1000)
})
