/** The functions of a rule by the place where they stand. A thread that loads the same rule file gets the same table. */
import {memberPath} from './rule-problem.ts'
import {isSortedReduce} from './sorted-reduce.ts'
import {type Keyset, planNode, type Rule, type RuleOptions} from './types.ts'

/** Any hook. Who calls one knows from the hook's name what it takes. */
export type HookFunction = (...given: never[]) => unknown

/** The keyset of a rule that names none. */
export const defaultKeyset = '_default'

export interface NamedKeyset {
  readonly name: string
  readonly keyset: Keyset
  /** Hook path of the keyset; empty for the only keyset of a rule. */
  readonly path: string
  /** Hook path of its preprocess chain, which has a name of its own in a rule with one keyset. */
  readonly preprocessPath: string
}

/** The keysets of a rule in their order; without `keysets` the one that the rule's own options make. */
export function keysetsOf(options: RuleOptions): NamedKeyset[] {
  if (options.keysets !== undefined) {
    return Object.entries(options.keysets).map(([name, keyset]) => {
      const path = memberPath('keysets', name)
      return {name, keyset, path, preprocessPath: memberPath(path, 'partsPreprocess')}
    })
  }
  const {keyParts, valueParts, columnMappings, table, keysetPartsPreprocess, partsPostprocess, extraColumns} = options
  const keyset: Keyset = {
    ...(keyParts && {keyParts}),
    ...(valueParts && {valueParts}),
    ...(columnMappings && {columnMappings}),
    ...(table !== undefined && {table}),
    ...(keysetPartsPreprocess && {partsPreprocess: keysetPartsPreprocess}),
    ...(partsPostprocess && {partsPostprocess}),
    ...(extraColumns && {extraColumns}),
  }
  return [{name: defaultKeyset, keyset, path: '', preprocessPath: 'keysetPartsPreprocess'}]
}

/**
 * All functions of a rule, of all its keysets, by hook path. Built-in steps are data and not among them.
 */
export function functionsOf(rule: Rule): ReadonlyMap<string, HookFunction> {
  const {options} = rule
  const functions = new Map<string, HookFunction>()
  const take = (path: string, hook: unknown): void => {
    if (typeof hook === 'function' && !(planNode in hook) && !isSortedReduce(hook))
      functions.set(path, hook as HookFunction)
  }
  const takeAll = (path: string, hooks: readonly unknown[] = []): void => {
    for (const [index, hook] of hooks.entries()) take(memberPath(path, index), hook)
  }
  for (const name of loneHooks) take(name, options[name])
  takeAll('partsPreprocess', options.partsPreprocess)
  for (const [field, chain] of Object.entries(options.fieldTransforms ?? {})) {
    const path = memberPath('fieldTransforms', field)
    if (typeof chain === 'function') take(path, chain)
    else takeAll(path, chain)
  }
  for (const {keyset, path, preprocessPath} of keysetsOf(options)) {
    takeAll(preprocessPath, keyset.partsPreprocess)
    takeAll(memberPath(path, 'partsPostprocess'), keyset.partsPostprocess)
  }
  return functions
}

/** Options that hold one function each. */
const loneHooks = [
  'mapInputStream',
  'sourceUrls',
  'mapInitFunction',
  'mapFunction',
  'combinerFunction',
  'partitionFunction',
  'reduceInitFunction',
  'reduceFunction',
  'resultProcessor',
  'ruleInitFunction',
  'ruleCleanup',
] as const satisfies readonly (keyof RuleOptions)[]
