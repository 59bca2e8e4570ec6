/**
 * The job pack, version 1: all that a node needs to run tasks of a job, in one file that is named by its SHA-256. A job of
 * functions has its code in it; a rule's scan its plan, and code only where scanning calls functions of the rule.
 *
 *     pack   = "DISCPAK1"  u32 bytes of the header (little-endian)  header  contents
 *     header = JSON: {"version": 1, "kind": "functions", "plan": …, "jobFile": "code/jobs/sort.ts", "entries": [["code/jobs/sort.ts", bytes, sha256], …]}
 *
 * Contents lie one behind the other in the order of the entries, which is that of their paths; there are no times, owners or
 * links in it. So the same job gives the same bytes wherever and whenever it is packed.
 */
import type {RuleBundles, RuleInput, RuleWork} from '../../rule-tasks/types.ts'
import {packPathCharsMax} from '../limits.ts'

export const packMagic: Buffer = Buffer.from('DISCPAK1', 'latin1')
export const packHeadBytes = 12

/** Relative, slashes, no `.` or `..`, nothing that a file system reads as something else. */
export function isPackPath(path: string): boolean {
  if (path === '' || path.length > packPathCharsMax || /[\\:\0-\x1f\x7f]/.test(path) || !path.isWellFormed())
    return false
  return path.split('/').every(part => part !== '' && part !== '.' && part !== '..' && Buffer.byteLength(part) <= 255)
}

/** What a pack of a rule says beside its job. */
export interface RulePart {
  readonly work: RuleWork
  /** In the order in which the merge takes them. The job has an input for each of them, or for each bundle. */
  readonly inputs: readonly RuleInput[]
  /** Left out: a task for each input. */
  readonly bundles?: RuleBundles
}
