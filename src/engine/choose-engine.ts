/**
 * Which engine scans a plan: the kernel when it knows every step; else the kernel for reading and filtering and the row evaluator for
 * the rest, when it is known which fields that needs; else the row evaluator, which runs everything.
 */
import type {Params, Plan} from '../rules/index.ts'
import {type KernelPlan, kernelPlan, recordsPlan} from './kernel/index.ts'

/** `auto`: the kernel where it can; `row`: the row evaluator, the reference, in any case. */
export type EngineChoice = 'auto' | 'row'

export type ChosenEngine =
  | {
      readonly engine: 'kernel'
      readonly plan: KernelPlan
      /** Why the row evaluator does the rest with records cut to the needed fields; undefined: the kernel does it all. */
      readonly rest: string | undefined
    }
  /** `reason`: what of the rule the kernel does not know, in a few words. */
  | {readonly engine: 'row'; readonly reason: string}

/** @param params - conditions may name them */
export function chooseEngine(plan: Plan, params: Params, choice: EngineChoice = 'auto'): ChosenEngine {
  if (choice === 'row') return {engine: 'row', reason: 'the row evaluator was asked for'}
  const known = kernelPlan(plan, params)
  if (!('reason' in known)) return {engine: 'kernel', plan: known, rest: undefined}
  const records = recordsPlan(plan, params)
  return 'reason' in records
    ? {engine: 'row', reason: records.reason}
    : {engine: 'kernel', plan: records, rest: known.reason}
}
