/** The rule language: what a rule may say, what is wrong with one, its plan. Pure: no clock, no I/O. */
export * from './aggregates.ts'
export {assertRule, type CheckContext, checkRule} from './check-rule.ts'
export {type CompiledRule, type CompileOptions, compilePlan} from './compile-plan.ts'
export {defineRule, isRule} from './define-rule.ts'
export {type EffectiveOption, effectiveOptions} from './effective-options.ts'
export * from './expressions/index.ts'
export {distinctExactUpToMax} from './limits.ts'
export * from './named-readers.ts'
export {keysetOptionNames, type OptionGroup, type OptionInfo, ruleOptionNames, ruleOptions} from './options.ts'
export {compilePath, parsePath, setAtPath} from './paths.ts'
export * from './patterns/index.ts'
export {assertLoadedRule, isPlainRule} from './plain-rule.ts'
export {isName} from './plain-values.ts'
export type * from './plan.ts'
export {planHash} from './plan-hash.ts'
export {parsePlan} from './plan-schema.ts'
export {
  fieldsOfExpression,
  fieldsOfStep,
  type ReadFields,
  readFields,
  recordFunctions,
  transformFunctions,
} from './read-fields.ts'
export {defaultKeyset, functionsOf, type HookFunction} from './rule-functions.ts'
export {formatProblems, type RuleProblem} from './rule-problem.ts'
export {readsOnlyRules, sourceTagsOf, subRulesOf} from './rule-sources.ts'
export * from './select/index.ts'
export * from './sink-target.ts'
export {isSortedReduce, sortedReduce} from './sorted-reduce.ts'
export * from './statistics/index.ts'
export * from './steps/index.ts'
export {compileZoneRange, type ZoneRange} from './time-zone.ts'
export * from './types.ts'
export {textOf} from './value-text.ts'
export {numberOf, numberOfText, smallest} from './values.ts'
