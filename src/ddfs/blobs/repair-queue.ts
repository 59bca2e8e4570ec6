/**
 * Slots that want a copy: those with the fewest live copies first, and among those the ones that wait longest.
 * A slot is in it at most once (flag `isQueued`); what it says may be out of date, so a slot is judged again when taken.
 */
import {clearFlag, type Directory, hasFlag, isQueued, setFlag} from './directory.ts'

interface Line {
  slots: number[]
  /** Slots before it are taken. */
  head: number
}

export interface RepairQueue {
  /** By the number of live copies; what has more than the last is in the last. */
  readonly lines: readonly Line[]
  count: number
}

const lineCount = 10

export const makeRepairQueue = (): RepairQueue => ({
  lines: Array.from({length: lineCount}, () => ({slots: [], head: 0})),
  count: 0,
})

/** Puts a blob into the line of those with as few live copies; not twice. */
export function enqueue(queue: RepairQueue, directory: Directory, slot: number, liveCount: number): void {
  if (hasFlag(directory, slot, isQueued)) return
  setFlag(directory, slot, isQueued)
  queue.lines[Math.min(liveCount, lineCount - 1)]!.slots.push(slot)
  queue.count++
}

/** @returns the most urgent slot and the number of its line, or undefined */
export function dequeue(queue: RepairQueue, directory: Directory): {slot: number; line: number} | undefined {
  for (let number = 0; number < lineCount; number++) {
    const line = queue.lines[number]!
    if (line.head === line.slots.length) continue
    const slot = line.slots[line.head++]!
    // Taken slots are cut off when they are half of the list, so that taking costs nothing on average.
    if (line.head > 1000 && line.head * 2 > line.slots.length) {
      line.slots = line.slots.slice(line.head)
      line.head = 0
    }
    queue.count--
    clearFlag(directory, slot, isQueued)
    return {slot, line: number}
  }
  return undefined
}

/** Puts slots that were taken just now back before all others of their lines, in their old order. */
export function putBack(queue: RepairQueue, directory: Directory, taken: {slot: number; line: number}[]): void {
  for (const {slot, line: number} of taken.reverse()) {
    const line = queue.lines[number]!
    if (hasFlag(directory, slot, isQueued)) continue
    setFlag(directory, slot, isQueued)
    if (line.head > 0) line.slots[--line.head] = slot
    else line.slots.unshift(slot)
    queue.count++
  }
}
