/** Which runs of a table go unmerged to who makes rows of them. */
import {needsPairs} from '../../engine/index.ts'
import type {Plan} from '../../rules/index.ts'
import {canMergeByBlocks} from '../merge-pieces.ts'
import type {Run} from '../run-files.ts'
import {unmergedBytesMax} from './limits.ts'

/**
 * Runs of groups stay as they are when whoever makes rows of them can merge all of them at once: the kernel that writes rows merges on its
 * way, at a fraction of what a merge to states costs. Bounded by what should travel.
 *
 * @param isBesideRows - nothing travels: rows are made on this machine
 */
export function isLeftToRows(plan: Plan, runs: readonly Run[], isBesideRows: boolean): boolean {
  if (needsPairs(plan) || !canMergeByBlocks(runs)) return false
  return isBesideRows || runs.reduce((sum, {bytes}) => sum + bytes, 0) <= unmergedBytesMax
}
