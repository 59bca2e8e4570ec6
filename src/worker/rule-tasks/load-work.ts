/** A rule's work with its code, as a process that runs its tasks needs it. */
import {loadRuleModule} from '../rule-loader.ts'
import type {LoadedWork} from './task-scanner.ts'
import type {RuleWork} from './types.ts'

/**
 * @param work - its address names a file of this machine
 * @throws UserError RULE_FILE_BROKEN
 */
export async function loadWork(work: RuleWork): Promise<LoadedWork> {
  const {address} = work
  return {work, module: address === null ? null : await loadRuleModule(address.file)}
}
