/** Finds a rule's functions and parameters in whatever thread they are needed. */
import {assert, messageOf, UserError} from '../base/index.ts'
import type {ResolveFunction} from '../engine/index.ts'
import {functionsOf, type Params, type Rule, subRulesOf} from '../rules/index.ts'
import {loadRuleModule, type RuleModule} from './rule-loader.ts'
import type {RuleAddress, ScanJob} from './scan-job.ts'

/** What a scanner needs of a rule beside its plan. */
export interface RuleCode {
  readonly params: Params
  readonly resolve: ResolveFunction
  /** Runs before the first record; throws UserError HOOK_FAILED. */
  readonly init: () => Promise<void>
}

/** The code of a rule that is loaded in this thread. `params` are complete: the rule's own are among them. */
export function codeOf(rule: Rule, ruleName: string, params: Params): RuleCode {
  const {mapInitFunction} = rule.options
  return {
    params,
    resolve: resolverOf(rule),
    init: () => callHook('mapInitFunction', ruleName, () => mapInitFunction?.(params)),
  }
}

/** The code that a job names, loaded into this thread. */
export async function loadCode({rule, params, plan}: Pick<ScanJob, 'rule' | 'params' | 'plan'>): Promise<RuleCode> {
  return codeIn(rule === null ? null : {module: await loadRuleModule(rule.file), address: rule}, plan.rule, params)
}

/** The code of a rule whose module is loaded in this thread; null: of a plan that needs none. */
export function codeIn(
  rule: {readonly module: RuleModule; readonly address: RuleAddress} | null,
  ruleName: string,
  params: Params,
): RuleCode {
  if (rule === null) return {params, resolve: noFunctions, init: async () => undefined}
  const loaded = ruleAt(rule.module, rule.address)
  // Parameters that cannot cross threads (functions) are there from loading the rule.
  return codeOf(loaded, ruleName, {...loaded.options.params, ...params})
}

/** @throws UserError HOOK_FAILED when the hook throws; what it returns is waited for */
export async function callHook(hook: string, ruleName: string, call: () => unknown): Promise<void> {
  try {
    await call()
  } catch (error) {
    if (error instanceof UserError) throw error
    throw new UserError('HOOK_FAILED', `${hook} of ${ruleName} failed: ${messageOf(error)}`, {cause: error})
  }
}

/** The rule that an address names; the same file gives the same rules in every thread. */
function ruleAt(module: RuleModule, address: RuleAddress): Rule {
  const [first, ...rest] = address.path
  let rule = module.rules[first ?? -1]
  for (const index of rest) rule = rule && subRulesOf(rule)[index]
  if (rule === undefined) {
    throw new UserError('RULE_FILE_BROKEN', `${address.file} changed while it was run`, {hint: 'run it again'})
  }
  return rule
}

/**
 * Finds functions by their place in the rule that is loaded here. It throws InvariantError for a place where the rule has none: a plan
 * and its rule belong together.
 */
export function resolverOf(rule: Rule): ResolveFunction {
  const functions = functionsOf(rule)
  return ref => {
    const found = functions.get(ref.hook)
    assert(found !== undefined, `the rule has a function at ${ref.hook}`)
    return found as (...args: never[]) => unknown
  }
}

/** Hooks that run after the scan, or outside it: in the main thread only. */
const mainThreadHooks =
  /^(sourceUrls|reduceInitFunction|reduceFunction|resultProcessor|ruleInitFunction|ruleCleanup)$|(^|\.)partsPostprocess\[/

/** True when scanning for this rule calls functions of its own. */
export function scansWithCode(rule: Rule): boolean {
  return functionsOf(rule)
    .keys()
    .some(hook => !mainThreadHooks.test(hook))
}

function noFunctions(): never {
  assert(false, 'a plan without functions resolves none')
}
