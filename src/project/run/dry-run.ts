/** What a run would read and print, found out without reading data. */

import type {Params} from '../../rules/index.ts'
import {compilePlan, subRulesOf} from '../../rules/index.ts'
import {findInputs} from '../../worker/index.ts'
import type {RuleTarget} from './find-rules.ts'
import {inputPatterns, readingRules} from './rule-inputs.ts'

export interface DryRun {
  readonly rule: string
  /** Rules that run first, because this one reads their rows. */
  readonly innerRules: readonly string[]
  readonly format: string
  readonly inputs: readonly {readonly name: string; readonly bytes: number | null; readonly compression: string}[]
  /** null when the size of an input is not known before it is read (pipes). */
  readonly bytes: number | null
  readonly keysets: readonly {readonly name: string; readonly columns: readonly string[]}[]
  /** Of another engine: whether the rows stay there, and why not. */
  readonly rows?: string
}

/**
 * @param given - files that were named; else the rules' own sourceUrls count
 * @throws UserError BAD_FLAG when there is nothing to read, INPUT_NOT_FOUND, INPUT_UNREADABLE
 */
export function dryRun(target: RuleTarget, given: readonly string[], params: Params): DryRun {
  const {plan} = compilePlan(target.rule, {
    module: target.module.name,
    keyset: target.keyset,
  })
  const patterns = new Set(readingRules(target.rule).flatMap(rule => inputPatterns(rule, given, params)))
  const inputs = findInputs([...patterns]).files.map(({name, bytes, compression}) => ({
    name,
    bytes: bytes ?? null,
    compression: compression ?? 'unknown',
  }))
  return {
    rule: plan.rule,
    innerRules: subRulesOf(target.rule).map(rule => rule.options.name),
    format: plan.format.format,
    inputs,
    bytes: inputs.every(input => input.bytes !== null)
      ? inputs.reduce((sum, input) => sum + (input.bytes ?? 0), 0)
      : null,
    keysets: plan.keysets.map(({name, columns}) => ({name, columns})),
  }
}
