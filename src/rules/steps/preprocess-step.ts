/** Wraps a step's node so that it also works as a plain function of a record. */
import {InvariantError} from '../../base/index.ts'
import type {StepNode} from '../plan.ts'
import {type Params, type Parts, type PreprocessFunction, type PreprocessStep, planNode} from '../types.ts'
import {compileStep} from './compile-step.ts'

/** The function is made at the first call, and again when it is called with other parameters. */
export function preprocessStep(node: StepNode): PreprocessStep {
  let compiled: PreprocessFunction | undefined
  let compiledFor: Params | undefined
  const step = (parts: Parts, params: Params): ReturnType<PreprocessFunction> => {
    if (compiled === undefined || params !== compiledFor) {
      compiled = compileStep(node, params ?? {}, refuseFunction)
      compiledFor = params
    }
    return compiled(parts, params)
  }
  return Object.assign(step, {[planNode]: node} as const)
}

function refuseFunction(): never {
  throw new InvariantError('a built-in step has no functions of the rule')
}
