/** Two JSON lines at a time, a step of one and then the same step of the other (lanes.ts says why). */
import {Edge, matches, Node, start} from './graph'
import {finishLine, hasAll, mismatch, readValue} from './json-line'

/** Where the lines end that `readTwo` has read; 0: for the row path. */
export let firstEnd: usize = 0
export let secondEnd: usize = 0

/**
 * Reads two lines, step by step as long as both take the usual one; sets firstEnd and secondEnd as `finishLine` returns them. A
 * value that was read before the other line's turned out not to be usual is read again: that changes nothing.
 */
export function readTwo(fromA: usize, areaA: usize, fromB: usize, areaB: usize): void {
  let a = fromA
  let b = fromB
  let node = start
  let seen: u64 = 0
  while (true) {
    const edge = changetype<Edge>(node.first)
    if (changetype<usize>(edge) == 0 || edge.target == 0 || (seen & edge.bits) != 0) break
    if (!matches(edge, a) || !matches(edge, b)) break
    const endA = readValue(a + <usize>edge.length, edge, areaA)
    if (endA <= mismatch) break
    const endB = readValue(b + <usize>edge.length, edge, areaB)
    if (endB <= mismatch) break
    a = endA
    b = endB
    seen |= edge.bits
    node = changetype<Node>(edge.target)
  }
  firstEnd = endLine(a, node, seen, areaA)
  secondEnd = endLine(b, node, seen, areaB)
}

/** Mostly there is nothing left but the usual end of a line in which nothing is missing. */
@inline
function endLine(at: usize, node: Node, seen: u64, area: usize): usize {
  const edge = changetype<Edge>(node.first)
  const isUsual = changetype<usize>(edge) != 0 && edge.target == 0 && edge.bits == 0 && hasAll(seen) && matches(edge, at)
  return isUsual ? at + <usize>edge.length : finishLine(at, node, seen, area)
}
