import {expect, test} from 'vitest'
import {
  clearFifo,
  dropHead,
  dropStale,
  headOf,
  isInStack,
  makeFifo,
  makeStack,
  pushTask,
  pushTop,
  tasksIn,
  topOf,
} from '../../../src/scheduler/fifo.ts'
import type {Task} from '../../../src/scheduler/state.ts'

interface Entry {
  readonly number: number
  state: string
  queuedMs: number
}

const taskOf = (number: number): Entry & Task =>
  ({number, state: 'pending', queuedMs: number}) as unknown as Entry & Task

test('a queue of several pieces gives what was put into it, first to last', () => {
  const fifo = makeFifo()
  const tasks = Array.from({length: 1500}, (_, number) => taskOf(number))
  for (const task of tasks) pushTask(fifo, task)
  expect([...tasksIn(fifo)]).toEqual(tasks)
  const taken: number[] = []
  for (let task = headOf(fifo); task !== undefined; task = headOf(fifo)) {
    taken.push(task.number)
    dropHead(fifo)
  }
  expect(taken).toEqual(tasks.map(task => task.number))
  pushTask(fifo, tasks[0]!)
  expect(headOf(fifo)).toBe(tasks[0])
  clearFifo(fifo)
  expect(headOf(fifo)).toBeUndefined()
})

test('entries of tasks that run, or were queued again, are passed over', () => {
  const fifo = makeFifo()
  const tasks = [0, 1, 2, 3].map(taskOf)
  for (const task of tasks) pushTask(fifo, task)
  Object.assign(tasks[0]!, {state: 'running'})
  tasks[1]!.queuedMs = 99
  pushTask(fifo, tasks[1]!)
  expect([...tasksIn(fifo)].map(task => task.number)).toEqual([2, 3, 1])
  expect(headOf(fifo)?.number).toBe(2)
})

test('no more stale entries are dropped at once than is asked for', () => {
  const fifo = makeFifo()
  const tasks = Array.from({length: 600}, (_, number) => taskOf(number))
  for (const task of tasks) pushTask(fifo, task)
  for (const task of tasks.slice(0, 590)) Object.assign(task, {state: 'running'})
  dropStale(fifo, 4)
  expect(fifo.head).toBe(4)
  for (let step = 0; step < 200; step++) dropStale(fifo, 4)
  expect(headOf(fifo)?.number).toBe(590)
})

test('of a stack the last task that still waits is taken first', () => {
  const stack = makeStack()
  const tasks = [0, 1, 2].map(taskOf)
  for (const task of tasks) pushTop(stack, task)
  Object.assign(tasks[2]!, {state: 'done'})
  expect(isInStack(stack, tasks[2]!)).toBe(false)
  expect(isInStack(stack, tasks[0]!)).toBe(true)
  expect(topOf(stack)?.number).toBe(1)
  Object.assign(tasks[0]!, {state: 'done'})
  Object.assign(tasks[1]!, {state: 'done'})
  expect(topOf(stack)).toBeUndefined()
})
