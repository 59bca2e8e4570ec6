/** The scanner of a task, with all that it takes from one input to the next. */
import {deserialize} from 'node:v8'
import {assert} from '../../base/index.ts'
import {needsPairs} from '../../engine/index.ts'
import type {Params} from '../../rules/index.ts'
import {tableBudgetShare} from '../limits.ts'
import {codeIn} from '../resolve-rule.ts'
import type {RuleModule} from '../rule-loader.ts'
import {countersPerScanner} from '../scan-job.ts'
import {Scanner} from '../scanner.ts'
import {type ReadBlocks, readBlocks} from './input-source.ts'
import type {RuleWork} from './types.ts'

export interface LoadedWork {
  readonly work: RuleWork
  /** The rule file; null: scanning needs no code. */
  readonly module: RuleModule | null
  /** For who runs tasks of this work one after the other; absent: each has a scanner of its own. */
  readonly waiting?: WaitingScanner
}

export interface TaskScanner {
  readonly scanner: Scanner
  /** As they are after the rule's mapInitFunction. */
  readonly params: Params
  /** The scanner's counters: see `counterSlots`. */
  readonly seen: Float64Array
  readonly blocks: ReadBlocks
}

/**
 * A scanner between two inputs of a work. Of one that is made anew for each the garbage collector has to look through the thread, its
 * memory is touched for the first time, and its lines are strange to it.
 */
export class WaitingScanner {
  #scanner: TaskScanner | undefined

  /** Its user has it alone: who fails does not give it back. */
  take(): TaskScanner | undefined {
    const scanner = this.#scanner
    this.#scanner = undefined
    return scanner
  }

  giveBack(scanner: TaskScanner): void {
    this.#scanner = scanner
  }
}

/**
 * @param folder - for temporary files of this task
 * @throws UserError HOOK_FAILED from the rule's mapInitFunction, BAD_RULE, BAD_PARAMETERS
 */
export async function openTaskScanner({work, module, waiting}: LoadedWork, folder: string): Promise<TaskScanner> {
  const known = waiting?.take()
  if (known !== undefined) {
    known.scanner.startOver(folder)
    return known
  }
  const {address, plan, memoryBytes, keepsBad, engine} = work
  const params = deserialize(Buffer.from(work.params, 'base64')) as Params
  assert(address === null || module !== null, 'the code of a rule is loaded before it scans')
  const code = codeIn(address === null ? null : {module: module!, address}, plan.rule, params)
  const counters = new SharedArrayBuffer(countersPerScanner * 8)
  const scanner = await Scanner.open(
    {
      plan,
      params,
      rule: null,
      budgetBytes: Math.floor(memoryBytes * tableBudgetShare),
      folder,
      scanner: 0,
      counters,
      keepsBad,
      recordsMax: null,
      engine,
      sharesRuns: false,
    },
    code,
  )
  return {scanner, params: code.params, seen: new Float64Array(counters), blocks: readBlocks()}
}

/** Of a rule with code the next task runs its mapInitFunction again, and pairs cannot start over. */
export function keepTaskScanner({work, waiting}: LoadedWork, scanner: TaskScanner): void {
  if (work.address === null && !needsPairs(work.plan)) waiting?.giveBack(scanner)
}
