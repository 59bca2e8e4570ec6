import {expect, test} from 'vitest'
import {factsAfter, noFacts, timeLeft} from '../../../../src/ui/monitor/facts.ts'
import {bigJob, fakeSnapshot, startedAtMs} from './fake-source.ts'

const request = {eventsAfter: 0}

test('rates are those of a steady job after two looks, however often one looks', () => {
  let facts = noFacts(0)
  for (const step of [0, 1, 2, 3]) facts = factsAfter(facts, fakeSnapshot(step, request, {taskCount: 1000}))
  expect(facts.rates.get(bigJob)?.tasksPerSecond).toBeCloseTo(16)
  let seldom = noFacts(0)
  for (const step of [0, 10]) seldom = factsAfter(seldom, fakeSnapshot(step, request, {taskCount: 1000}))
  expect(seldom.rates.get(bigJob)?.tasksPerSecond).toBeCloseTo(16)
})

test('a burst moves a rate by a part only, and a stop lets it fall', () => {
  const job = (doneCount: number, seconds: number) => {
    const snapshot = fakeSnapshot(0, request, {taskCount: 1000, jobCount: 1})
    return {
      ...snapshot,
      cluster: {...snapshot.cluster, nowMs: startedAtMs + seconds * 1000},
      jobs: [{...snapshot.jobs[0]!, doneCount}],
    }
  }
  let facts = [job(0, 0), job(10, 1), job(120, 2)].reduce(factsAfter, noFacts(0))
  expect(facts.rates.get(bigJob)?.tasksPerSecond).toBeCloseTo(10 + 100 * (1 - Math.exp(-0.1)))
  for (let second = 3; second < 90; second++) facts = factsAfter(facts, job(120, second))
  expect(facts.rates.get(bigJob)?.tasksPerSecond).toBeLessThan(0.01)
  // A clock that was set back, or the same moment again, changes nothing.
  expect(factsAfter(facts, job(500, 10)).rates).toEqual(facts.rates)
})

test('the time left is of the tasks that are known, and says when more are to come', () => {
  const {jobs} = fakeSnapshot(1, request, {taskCount: 80})
  const job = jobs[0]!
  const rate = {atMs: 0, doneCount: 16, bytes: 0, tasksPerSecond: 16}
  expect(timeLeft(job, rate)).toEqual({ms: 4000, isAtLeast: false})
  const toCome = job.stages!.map(stage => (stage.name === 'reduce' ? {...stage, taskCount: 0} : stage))
  expect(timeLeft({...job, stages: toCome}, rate)).toEqual({ms: 4000, isAtLeast: true})
  expect(timeLeft(job, {...rate, tasksPerSecond: 0})).toBeUndefined()
  expect(timeLeft({...job, state: 'paused'}, rate)).toBeUndefined()
  expect(timeLeft(job, undefined)).toBeUndefined()
})

test('running tasks are counted by node', () => {
  const facts = factsAfter(noFacts(0), fakeSnapshot(1, request, {nodeCount: 4}))
  expect([...facts.busyByNode.values()]).toEqual([4, 4, 4, 4])
})
