/** Which engine scans a plan: the kernel when it knows every step, else the row evaluator, which runs everything. */
import type {Params, Plan} from '../rules/index.ts'
import {type KernelPlan, kernelPlan} from './kernel/index.ts'

/** `auto`: the kernel where it can; `row`: the row evaluator, the reference, in any case. */
export type EngineChoice = 'auto' | 'row'

export type ChosenEngine =
  | {readonly engine: 'kernel'; readonly plan: KernelPlan}
  /** `reason`: what of the rule the kernel does not know, in a few words. */
  | {readonly engine: 'row'; readonly reason: string}

/** @param params - conditions may name them */
export function chooseEngine(plan: Plan, params: Params, choice: EngineChoice = 'auto'): ChosenEngine {
  if (choice === 'row') return {engine: 'row', reason: 'the row evaluator was asked for'}
  const known = kernelPlan(plan, params)
  return 'reason' in known ? {engine: 'row', reason: known.reason} : {engine: 'kernel', plan: known}
}
