/** Ways to search for a pattern that take linear time: as it stands, else in texts without a newline, else not from every place. */
import {allChars, type CharSet, negated} from './char-set.ts'
import {type Loss, searchLoss} from './linear-time.ts'
import {runOf, statesOf} from './states.ts'
import {type PatternNode, Unsure} from './tree.ts'

const newline: CharSet = [0x0a, 0x0a]

export interface LinearSearch {
  /** For texts without a newline. */
  readonly isForLines: boolean
  /** What the pattern begins with, when only places that have none of it before are tried. */
  readonly firstRun: CharSet | undefined
  readonly loss: Loss
}

/**
 * How RegExp can search for a pattern in linear time.
 *
 * @throws Unsure when it cannot, or not for certain
 */
export function linearSearch(root: PatternNode): LinearSearch {
  const states = statesOf(root)
  const firstRun = firstRunOf(root)
  let refusal: Unsure | undefined
  for (const isForLines of [false, true]) {
    for (const run of firstRun === undefined ? [undefined] : [undefined, firstRun]) {
      try {
        const before = run === undefined ? allChars : negated(run)
        const loss = searchLoss(states, {before, inText: isForLines ? negated(newline) : allChars})
        return {isForLines, firstRun: run, loss}
      } catch (error) {
        if (!(error instanceof Unsure)) throw error
        refusal ??= error
      }
    }
  }
  throw refusal!
}

function firstRunOf(node: PatternNode): CharSet | undefined {
  if (node.type === 'group') return firstRunOf(node.node)
  if (node.type === 'sequence') return node.nodes[0] && firstRunOf(node.nodes[0])
  return runOf(node)
}
