import {expect, test} from 'vitest'
import {headerLines} from '../../../../src/ui/monitor/header.ts'
import {requestOf} from '../../../../src/ui/monitor/monitor-after.ts'
import {fakeSnapshot} from './fake-source.ts'
import {Play} from './play.ts'

function headWith(isRunning: boolean, ownScrub: {readonly nodeCount: number; readonly fraction: number} | undefined) {
  const play = new Play({}, {columns: 200, rows: 50})
  const snapshot = fakeSnapshot(0, requestOf(play.model), {})
  const {scrub, ...rest} = snapshot.maintenance
  const maintenance = {...rest, scrub: {...scrub, isRunning}, ...(ownScrub === undefined ? {} : {ownScrub})}
  play.event({type: 'snapshot', snapshot: {...snapshot, maintenance}, nowMs: 0})
  return headerLines(play.model)
    .map(({text}) => text)
    .join('\n')
}

test('what the nodes read by themselves is told, unless somebody asked for a scrub', () => {
  expect(headWith(false, {nodeCount: 2, fraction: 0.074})).toContain('· background scrub 7 %')
  expect(headWith(true, {nodeCount: 2, fraction: 0.074})).not.toContain('background')
  expect(headWith(false, undefined)).not.toContain('scrub')
})
