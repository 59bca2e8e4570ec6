/** What is to be looked at later, earliest first; of equal times the one asked for first. */
import type {Job, Node, Run, Task} from './state.ts'

export type TimerTarget =
  /** The pause after a failure is over. */
  | {readonly type: 'retry'; readonly task: Task}
  /** A run has had its time. */
  | {readonly type: 'limit'; readonly run: Run}
  /** The first waiting task of a job may run anywhere now. */
  | {readonly type: 'steal'; readonly job: Job}
  /** A node of before a restart was not heard. */
  | {readonly type: 'awaited'; readonly node: Node}
  | {readonly type: 'save'; readonly job: Job}

interface Timer {
  readonly atMs: number
  readonly number: number
  readonly target: TimerTarget
}

export interface Timers {
  readonly heap: Timer[]
  count: number
}

export const makeTimers = (): Timers => ({heap: [], count: 0})

const isBefore = (left: Timer, right: Timer): boolean =>
  left.atMs < right.atMs || (left.atMs === right.atMs && left.number < right.number)

export const nextTimerMs = (timers: Timers): number => timers.heap[0]?.atMs ?? Infinity

/** Adds a timer. Those of one moment are due in the order in which they were added. */
export function addTimer(timers: Timers, atMs: number, target: TimerTarget): void {
  const {heap} = timers
  const timer = {atMs, number: timers.count++, target}
  let at = heap.length
  heap.push(timer)
  while (at > 0) {
    const parent = (at - 1) >> 1
    if (!isBefore(timer, heap[parent]!)) break
    heap[at] = heap[parent]!
    at = parent
  }
  heap[at] = timer
}

/** Takes the first one that is due. */
export function takeTimer(timers: Timers, nowMs: number): TimerTarget | undefined {
  const {heap} = timers
  const first = heap[0]
  if (first === undefined || first.atMs > nowMs) return undefined
  const last = heap.pop()!
  if (heap.length > 0) sink(heap, last)
  return first.target
}

function sink(heap: Timer[], timer: Timer): void {
  let at = 0
  for (;;) {
    let child = at * 2 + 1
    if (child >= heap.length) break
    if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++
    if (!isBefore(heap[child]!, timer)) break
    heap[at] = heap[child]!
    at = child
  }
  heap[at] = timer
}
