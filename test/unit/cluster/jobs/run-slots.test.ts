import {expect, test} from 'vitest'
import {RunSlots} from '../../../../src/cluster/jobs/agent/run-slots.ts'

interface Run {
  readonly name: string
}

const [a, b, c, d] = ['a', 'b', 'c', 'd'].map(name => ({name})) as [Run, Run, Run, Run]

function open(slotCount: number): {slots: RunSlots<Run>; begun: string[]} {
  const begun: string[] = []
  return {slots: new RunSlots<Run>(slotCount, ({name}) => begun.push(name)), begun}
}

test('runs that were ordered ahead begin as slots get free, in the order of their orders', () => {
  const {slots, begun} = open(1)
  expect(slots.enter(a, true)).toBe(true)
  expect(slots.enter(b, true)).toBe(false)
  expect(slots.enter(c, true)).toBe(false)
  expect([slots.isWaiting(a), slots.isWaiting(b), slots.waitingCount]).toEqual([false, true, 2])
  slots.leave(a)
  slots.leave(b)
  expect(begun).toEqual(['a', 'b', 'c'])
})

test('a run that was not ordered ahead begins at once, and the others wait until it is over, too', () => {
  const {slots, begun} = open(1)
  slots.enter(a, false)
  slots.enter(b, false)
  slots.enter(c, true)
  slots.leave(a)
  expect(begun).toEqual(['a', 'b'])
  slots.leave(b)
  expect(begun).toEqual(['a', 'b', 'c'])
})

test('leaving twice gives one slot free', () => {
  const {slots, begun} = open(1)
  for (const run of [a, b, c]) slots.enter(run, true)
  slots.leave(a)
  slots.leave(a)
  expect(begun).toEqual(['a', 'b'])
})

test('what is dropped does not begin', () => {
  const {slots, begun} = open(1)
  for (const run of [a, b, c, d]) slots.enter(run, true)
  slots.drop(b)
  slots.leave(a)
  expect(begun).toEqual(['a', 'c'])
  slots.dropAll()
  slots.leave(c)
  expect(begun).toEqual(['a', 'c'])
})
