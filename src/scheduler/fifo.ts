/**
 * Queues of tasks. An entry is not taken out when its task is started from another queue: it is stale and skipped. Pieces of
 * fixed size, so that no step pays for the length of a queue.
 */
import type {Task} from './state.ts'

/** Entries of one piece. */
const pieceSize = 512

interface Piece {
  readonly tasks: Task[]
  /** When each was queued; a task that was queued again since makes the entry stale. */
  readonly stamps: number[]
  next: Piece | undefined
}

export interface Fifo {
  first: Piece
  last: Piece
  /** The first entry, in the first piece. */
  head: number
}

const makePiece = (): Piece => ({tasks: [], stamps: [], next: undefined})

/** An empty one. */
export function makeFifo(): Fifo {
  const piece = makePiece()
  return {first: piece, last: piece, head: 0}
}

/** Puts a task at the end. */
export function pushTask(fifo: Fifo, task: Task): void {
  if (fifo.last.tasks.length === pieceSize) {
    const piece = makePiece()
    fifo.last.next = piece
    fifo.last = piece
  }
  fifo.last.tasks.push(task)
  fifo.last.stamps.push(task.queuedMs)
}

const isCurrent = ({tasks, stamps}: Pick<Piece, 'tasks' | 'stamps'>, at: number): boolean => {
  const task = tasks[at]!
  return task.state === 'pending' && task.queuedMs === stamps[at]
}

/** Drops stale entries at the head. @returns the first task that is current */
export function headOf(fifo: Fifo): Task | undefined {
  return dropStale(fifo, Infinity) ? fifo.first.tasks[fifo.head] : undefined
}

/** Drops so many stale entries at the head at most. @returns whether there is an entry at the head now that is not known as stale */
export function dropStale(fifo: Fifo, countMax: number): boolean {
  for (let left = countMax; ; left--) {
    if (fifo.head === fifo.first.tasks.length && !dropPiece(fifo)) return false
    if (left === 0 || isCurrent(fifo.first, fifo.head)) return true
    fifo.head++
  }
}

/** The first piece has been used up. @returns whether there is another */
function dropPiece(fifo: Fifo): boolean {
  const {next} = fifo.first
  fifo.head = 0
  if (next === undefined) {
    fifo.first.tasks.length = 0
    fifo.first.stamps.length = 0
    return false
  }
  fifo.first = next
  return true
}

/** Drops the entry that `headOf` returned. */
export function dropHead(fifo: Fifo): void {
  fifo.head++
}

/** Tasks whose entries are current, first to last. */
export function* tasksIn(fifo: Fifo): Generator<Task> {
  for (let piece: Piece | undefined = fifo.first, at = fifo.head; piece !== undefined; piece = piece.next, at = 0) {
    for (; at < piece.tasks.length; at++) if (isCurrent(piece, at)) yield piece.tasks[at]!
  }
}

/** Forgets all tasks at once. */
export function clearFifo(fifo: Fifo): void {
  fifo.first = makePiece()
  fifo.last = fifo.first
  fifo.head = 0
}

/** The same, from which the last one is taken first. */
export interface Stack {
  readonly tasks: Task[]
  readonly stamps: number[]
}

export const makeStack = (): Stack => ({tasks: [], stamps: []})

/** Puts a task on the top of a stack: it is the next. */
export function pushTop(stack: Stack, task: Task): void {
  stack.tasks.push(task)
  stack.stamps.push(task.queuedMs)
}

/** Drops stale entries at the top. @returns the last task that is current */
export function topOf(stack: Stack): Task | undefined {
  while (stack.tasks.length > 0 && !isCurrent(stack, stack.tasks.length - 1)) dropTop(stack)
  return stack.tasks.at(-1)
}

/** Drops the entry that `topOf` returned. */
export function dropTop(stack: Stack): void {
  stack.tasks.pop()
  stack.stamps.pop()
}

export const isInStack = (stack: Stack, task: Task): boolean =>
  stack.tasks.some((other, at) => other === task && isCurrent(stack, at))
