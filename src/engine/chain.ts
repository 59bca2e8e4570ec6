/** Preprocess chains: level by level, as spec'd for Inferno; function 1 on the record, function 2 on each of its parts, and so on. */
import {UserError} from '../base/index.ts'
import type {FunctionRef, Params, Parts, StepNode} from '../rules/index.ts'
import {compileStep} from '../rules/index.ts'
import {isFatal} from './pairs/hook-failure.ts'

/** Finds the function that a plan names by its place in the rule. */
export type ResolveFunction = (ref: FunctionRef) => (...args: never[]) => unknown

/** A hook threw on a record. Carries which one; the caller knows file and line. */
export class HookError extends Error {
  override readonly name = 'HookError'
  readonly hook: string
  constructor(hook: string, cause: unknown) {
    super(cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause), {cause})
    this.hook = hook
  }
}

/** What a chain makes of one record: nothing, one part (the usual case, without an array) or several. */
export type ChainResult = Parts | readonly Parts[] | null
export type Chain = (parts: Parts) => ChainResult

/**
 * Compiles a chain of steps.
 *
 * @param place - where the chain stands, for built-in steps in messages: `keysets.by_day.`; functions know their own place
 * @returns undefined for an empty chain; else a function that throws HookError when a step throws, and UserError BAD_RULE
 * when a function of the rule returns something that is no part (which would silently drop or ruin every record)
 */
export function compileChain(
  steps: readonly StepNode[],
  params: Params,
  resolve: ResolveFunction,
  place = '',
): Chain | undefined {
  const [first, ...rest] = steps.map(step => compileLink(step, params, resolve, place))
  if (first === undefined) return undefined
  if (rest.length === 0) return first
  return parts => {
    let level: ChainResult = first(parts)
    for (const link of rest) {
      if (level === null) return null
      level = isList(level) ? flattenLevel(level, link) : link(level)
    }
    return level
  }
}

/** The parts of a result, whichever of its forms it has. */
export function partsOf(result: ChainResult): readonly Parts[] {
  if (result === null) return []
  return isList(result) ? result : [result]
}

function isList(result: Parts | readonly Parts[]): result is readonly Parts[] {
  return Array.isArray(result)
}

function flattenLevel(parts: readonly Parts[], link: Chain): ChainResult {
  const next: Parts[] = []
  for (const part of parts) {
    const result = link(part)
    if (result === null) continue
    if (isList(result)) next.push(...result)
    else next.push(result)
  }
  return next.length === 0 ? null : next
}

function compileLink(step: StepNode, params: Params, resolve: ResolveFunction, place: string): Chain {
  const isOwn = step.step === 'function'
  const hook = isOwn ? hookLabel(step) : place + step.step
  const run = compileStep(step, params, resolve)
  return parts => {
    try {
      const result = run(parts, params)
      if (result === null) return null
      if (typeof result === 'object' && Symbol.iterator in result) return collect(result, hook)
      // Built-in steps give parts; only functions need to be looked at.
      return isOwn ? checkPart(result, hook) : result
    } catch (error) {
      throw isFatal(error) ? error : new HookError(hook, error)
    }
  }
}

/** `partsPreprocess[0] (addHost)` */
export function hookLabel(ref: FunctionRef): string {
  return ref.name === '' || ref.name === ref.hook ? ref.hook : `${ref.hook} (${ref.name})`
}

/** Copies each part at the moment it is yielded: a function may change and hand out the same object again (D17). */
function collect(results: Iterable<Parts | null>, hook: string): ChainResult {
  if (typeof results === 'string') return checkPart(results, hook)
  const list: Parts[] = []
  for (const result of results) {
    if (result !== null && result !== undefined) list.push({...checkPart(result, hook)})
  }
  return list.length === 0 ? null : list.length === 1 ? list[0]! : list
}

function checkPart(result: unknown, hook: string): Parts {
  const isObject = typeof result === 'object' && result !== null && !Array.isArray(result)
  if (isObject && !isPending(result)) return result as Parts
  const what = isObject
    ? 'a promise'
    : result === undefined
      ? 'nothing'
      : Array.isArray(result)
        ? 'a list'
        : typeof result
  throw new UserError('BAD_RULE', `${hook} gave ${what} instead of a part`, {
    hint: 'yield the parts that go on, return the record itself, or return null to drop it; hooks are synchronous',
  })
}

/** True for what an async function or generator returns. */
export function isPending(value: object): boolean {
  return typeof (value as {then?: unknown}).then === 'function' || Symbol.asyncIterator in value
}
