/** Free slots, kept by number so that the node with most of them is found at once. */
import type {Node, SchedulerState} from './state.ts'

export const isUsable = (node: Node): boolean =>
  node.state === 'up' && node.slots > 0 && !node.isDraining && !node.isDiskFull && !node.isMemoryFull && !node.isBad

/** Runs that are not only queued there. */
export const usedSlots = (node: Node): number => node.runs.size - node.ahead.size

/** After anything about a node has changed: counts its free slots again and tells the jobs that wait for it. */
export function refreshNode(state: SchedulerState, node: Node): void {
  const canWork = isUsable(node)
  if (canWork !== state.usable.has(node)) {
    if (canWork) state.usable.add(node)
    else state.usable.delete(node)
    // Tasks that avoided all others may run on any node now.
    wakeChoosy(state)
  }
  const free = canWork ? Math.max(0, node.slots - usedSlots(node)) : 0
  if (free === node.free) return
  const before = node.free
  if (before > 0) state.byFree[before]!.delete(node)
  while (state.byFree.length <= free) state.byFree.push(new Set())
  if (free > 0) state.byFree[free]!.add(node)
  node.free = free
  state.freeSlots += free - before
  if (free > before) offer(state, node)
  else if (free === 0) {
    for (const stage of node.waiting) {
      stage.openNodes.delete(node)
      stage.openShared.delete(node)
    }
  }
}

function offer(state: SchedulerState, node: Node): void {
  for (const stage of node.waiting) {
    stage.openNodes.add(node)
    stage.openShared.add(node)
    state.hungry.add(stage.job)
  }
  wakeChoosy(state)
}

function wakeChoosy(state: SchedulerState): void {
  for (const job of state.choosy) state.hungry.add(job)
  state.choosy.clear()
}

/** Nodes with a free slot, those with most of them first. */
export function* freeNodes(state: SchedulerState): Generator<Node> {
  for (let free = state.byFree.length - 1; free > 0; free--) yield* state.byFree[free]!
}
