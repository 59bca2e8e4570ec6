/** Queues of tasks. An entry is not taken out when its task is started from another queue: it is stale and skipped. */
import type {Task} from './state.ts'

export interface Fifo {
  tasks: Task[]
  /** When each was queued; a task that was queued again since makes the entry stale. */
  stamps: number[]
  head: number
}

export const makeFifo = (): Fifo => ({tasks: [], stamps: [], head: 0})

export function pushTask(fifo: Fifo, task: Task): void {
  fifo.tasks.push(task)
  fifo.stamps.push(task.queuedMs)
}

export const isCurrent = (fifo: Fifo, at: number): boolean => {
  const task = fifo.tasks[at]!
  return task.state === 'pending' && task.queuedMs === fifo.stamps[at]
}

/** Drops stale entries at the head. @returns the index of the first that is current, or -1 */
export function headOf(fifo: Fifo): number {
  while (fifo.head < fifo.tasks.length && !isCurrent(fifo, fifo.head)) fifo.head++
  if (fifo.head === fifo.tasks.length) {
    fifo.tasks.length = 0
    fifo.stamps.length = 0
    fifo.head = 0
    return -1
  }
  // Half of it has been taken: give the memory back, at a cost spread over those that were.
  if (fifo.head > 1024 && fifo.head * 2 > fifo.tasks.length) {
    fifo.tasks.splice(0, fifo.head)
    fifo.stamps.splice(0, fifo.head)
    fifo.head = 0
  }
  return fifo.head
}

export function clearFifo(fifo: Fifo): void {
  fifo.tasks.length = 0
  fifo.stamps.length = 0
  fifo.head = 0
}
