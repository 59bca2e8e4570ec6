/** Things to do later, in order of their time; of equal times the one asked for first. */
export interface Timeline {
  nowMs: number
  after(ms: number, act: () => void): void
  /** Does everything up to then. */
  runUntil(ms: number): void
}

export function makeTimeline(): Timeline {
  const heap: {readonly atMs: number; readonly number: number; readonly act: () => void}[] = []
  let number = 0
  const isBefore = (left: number, right: number): boolean =>
    heap[left]!.atMs - heap[right]!.atMs < 0 ||
    (heap[left]!.atMs === heap[right]!.atMs && heap[left]!.number < heap[right]!.number)
  const swap = (left: number, right: number): void => {
    const kept = heap[left]!
    heap[left] = heap[right]!
    heap[right] = kept
  }
  const take = (): (() => void) => {
    const {act} = heap[0]!
    const last = heap.pop()!
    if (heap.length === 0) return act
    heap[0] = last
    for (let at = 0; ; ) {
      let first = at
      if (at * 2 + 1 < heap.length && isBefore(at * 2 + 1, first)) first = at * 2 + 1
      if (at * 2 + 2 < heap.length && isBefore(at * 2 + 2, first)) first = at * 2 + 2
      if (first === at) return act
      swap(at, first)
      at = first
    }
  }
  const timeline: Timeline = {
    nowMs: 0,
    after(ms, act) {
      heap.push({atMs: timeline.nowMs + Math.max(0, ms), number: number++, act})
      for (let at = heap.length - 1; at > 0 && isBefore(at, (at - 1) >> 1); at = (at - 1) >> 1) swap(at, (at - 1) >> 1)
    },
    runUntil(ms) {
      while (heap.length > 0 && heap[0]!.atMs <= ms) {
        timeline.nowMs = heap[0]!.atMs
        take()()
      }
      timeline.nowMs = ms
    },
  }
  return timeline
}
