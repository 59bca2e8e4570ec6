/** What is counted of the lines of a part. */

/** Lines read so far in this part. */
export let lines: u32 = 0
export let usedCount: u64 = 0
export let noKeyCount: u64 = 0
export let filteredCount: u64 = 0

/** Begins counting anew. */
export function beginPart(): void {
  lines = 0
  clearCounts()
}

/** Counts lines that are done. */
@inline
export function addLines(count: u32): void {
  lines += count
}

export function clearCounts(): void {
  usedCount = 0
  noKeyCount = 0
  filteredCount = 0
}

/** Lines that added something to some keyset. */
@inline
export function addUsed(count: u32): void {
  usedCount += <u64>count
}

/** Lines for which the rule's condition does not hold. */
@inline
export function addFiltered(count: u32): void {
  filteredCount += <u64>count
}

/** Of a line, as bits: a keyset's condition held; it added something. */
export const kept: u32 = 1
export const used: u32 = 2

/** A record counts as the best that became of any of its parts. */
@inline
export function countLine(best: u32): void {
  if ((best & used) != 0) usedCount++
  else if (best != 0) noKeyCount++
  else filteredCount++
}
