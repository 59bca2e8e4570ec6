/** The task of several inputs whose partials this node keeps: takes them all. Needs no code of the rule, and no input. */
import {join} from 'node:path'
import {assert, printable, UserError} from '../../base/index.ts'
import {partialName, takeKept} from './kept-partials.ts'
import {checkTaskBad, keptFile, type RuleTaskOutcome} from './scan-task.ts'
import type {RuleStage, RuleWork} from './types.ts'

/**
 * @returns an outcome for each input, in their order
 * @throws UserError PARTIAL_GONE for one that is not kept any more: who submitted the job submits one that scans; TOO_MANY_BAD
 */
export function keptTask(
  work: RuleWork,
  {inputs, cacheFolder}: Extract<RuleStage, {type: 'kept'}>,
  folder: string,
): readonly RuleTaskOutcome[] {
  assert(work.usesCache, 'kept partials are for works that use them')
  return inputs.map(({input, blob}, index) => {
    const file = `${keptFile}-${index}`
    const kept = takeKept(cacheFolder, partialName(work, input, blob), join(folder, file))
    if (kept === undefined)
      throw new UserError('PARTIAL_GONE', `what was kept of ${printable(input.name)} is not there any more`)
    const {account, bytes} = kept
    checkTaskBad(work, account)
    return {file, bytes, account, sourceBytes: 0, counters: {cached: 1}}
  })
}
