/** Some jobs on real processes for every change. The whole of it: npm run test:cluster. */
import {expect, test} from 'vitest'
import {workersMisbehave} from './bad-workers.ts'
import {masterKilledAtStates} from './master-states.ts'
import {smallJob} from './scenarios.ts'
import {killedInShuffle} from './slow-nodes.ts'

test('a word count over a tag on two nodes gives what one process gives', async () => {
  expect(await smallJob()).toMatchObject({jobs: 1})
})

test('a master that is killed and started again goes on with its jobs, and runs no task twice', async () => {
  const states = ['first run ended', 'first reduce order', 'being cancelled']
  expect(await masterKilledAtStates(states)).toMatchObject({kills: 3, tasksRunAgain: 0})
})

test('what was lost with a node while others fetched it is made again', async () => {
  expect(await killedInShuffle(1)).toMatchObject({kills: 1})
})

test('a worker that crashes or writes garbage fails its own job alone', async () => {
  expect(await workersMisbehave(['crashes', 'writes garbage'])).toMatchObject({ways: 2})
})
