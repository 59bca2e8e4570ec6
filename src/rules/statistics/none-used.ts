/**
 * Why a plan uses no record of a chunk, when it is only known what fields are in all of its records: a filter lets none pass, or a
 * key part is in none. What a scan would count of such a chunk follows from that, to the last number, without reading a record.
 */
import {InvariantError, printable} from '../../base/index.ts'
import {printExpression} from '../expressions/index.ts'
import type {ExpressionNode, FunctionRef, KeyPartNode, KeysetPlan, Plan, StepNode, TransformNode} from '../plan.ts'
import {compileTransforms} from '../steps/index.ts'
import type {Params} from '../types.ts'
import type {ChunkFacts, FieldFacts, FieldRange} from './facts.ts'
import {factsOf} from './lookup.ts'
import {callsFunction, type FactsOf, outcomesOf} from './outcomes.ts'
import {bucketRange} from './time-range.ts'

/** What becomes of every record of a chunk. */
export interface NoneUsed {
  /** As accounts have it. */
  readonly reason: 'preprocess' | 'key part missing'
  /** Key parts, as `keyset.part`, that each record is dropped for. */
  readonly dropped: readonly string[]
  /** For people: `where time >= 250`, `key site in no record`. */
  readonly because: string
}

/** Whether any chunk could be found unused: the plan leaves to built-in steps which records it takes. */
export function canBeUnused({format, map, steps}: Plan): boolean {
  return format.format === 'json' && map === null && (steps.length === 0 || steps[0]?.step === 'where')
}

/**
 * @param params - as they are after the rule's mapInitFunction
 * @returns undefined when some record may be used, may be bad, or when it is not certain which of the reasons is counted
 */
export function whyNoneUsed(plan: Plan, facts: ChunkFacts, params: Params): NoneUsed | undefined {
  if (!canBeUnused(plan)) return undefined
  const of: FactsOf = path => factsOf(facts, path)
  const passed = throughSteps(plan.steps, of, params)
  if (passed.type === 'filtered') return {reason: 'preprocess', dropped: [], because: conditionText(passed.condition)}
  if (passed.type !== 'all' || plan.transforms.some(callsFunction)) return undefined
  const keysets = plan.keysets.map(keyset => keysetOutcome(plan, keyset, of, params))
  const dropped: string[] = []
  const because = new Set<string>()
  for (const outcome of keysets) {
    if (outcome === undefined) return undefined
    if (outcome.label !== undefined) dropped.push(outcome.label)
    because.add(outcome.because)
  }
  if (keysets.length === 0) return undefined
  return {
    reason: dropped.length > 0 ? 'key part missing' : 'preprocess',
    dropped,
    because: [...because].join('; '),
  }
}

type Passed = {readonly type: 'all' | 'unknown'} | {readonly type: 'filtered'; readonly condition: ExpressionNode}

/** What becomes of all records in a chain: conditions only, of which each is true for all or one is false for all. */
function throughSteps(steps: readonly StepNode[], of: FactsOf, params: Params): Passed {
  let isCertain = true
  for (const step of steps) {
    if (step.step !== 'where' || callsFunction(step.condition)) return {type: 'unknown'}
    const {canBeTrue, canBeFalse} = outcomesOf(step.condition, of, params)
    if (!canBeTrue) return {type: 'filtered', condition: step.condition}
    if (canBeFalse) isCertain = false
  }
  return {type: isCertain ? 'all' : 'unknown'}
}

interface KeysetOutcome {
  /** `keyset.part` of the key part that is missing; undefined: the keyset's own conditions let none pass. */
  readonly label?: string
  readonly because: string
}

function keysetOutcome(
  plan: Plan,
  {name, steps, keyParts}: KeysetPlan,
  of: FactsOf,
  params: Params,
): KeysetOutcome | undefined {
  // Records of a keyset carry its name.
  const inKeyset: FactsOf = path => (path === '_keyset' || path.startsWith('_keyset.') ? undefined : of(path))
  // Conditions of a keyset see what field transforms made.
  if (steps.length > 0 && plan.transforms.length > 0) return undefined
  const passed = throughSteps(steps, inKeyset, params)
  if (passed.type === 'filtered') return {because: conditionText(passed.condition)}
  if (passed.type === 'unknown' || keyParts.some(callsFunction)) return undefined
  for (const part of keyParts) {
    const presence = presenceOf(plan, part, inKeyset)
    if (presence === 'none') return {label: `${name}.${part.name}`, because: `key ${printable(part.name)} in no record`}
    // The first part that a record lacks is counted: it has to be the same one in all.
    if (presence !== 'all') return undefined
  }
  return undefined
}

/** In how many records a key part is there, after field transforms and its own. */
function presenceOf(plan: Plan, {field, transforms}: KeyPartNode, of: FactsOf): 'all' | 'none' | undefined {
  const facts = of(field)
  if (facts === undefined) return undefined
  const chain = [...plan.transforms.flatMap(one => (one.field === field ? one.chain : [])), ...transforms]
  if (touchesInside(plan, field) || (facts.range !== undefined && !givesAll(chain, facts.range))) return undefined
  const apply = compileTransforms(chain, refuse)
  const isThere = (value: FieldFacts['values'][number]): boolean => {
    const made = apply(value)
    return made !== undefined && made !== null
  }
  const found = [
    ...facts.values.map(isThere),
    ...(facts.isOptional ? [false] : []),
    ...(facts.range === undefined ? [] : [true]),
  ]
  if (found.every(one => !one)) return 'none'
  return found.every(one => one) ? 'all' : undefined
}

/** Whether transforms make something of each value of a range. */
function givesAll([first, ...others]: readonly TransformNode[], range: FieldRange): boolean {
  if (first === undefined) return true
  return others.length === 0 && 'zone' in first && bucketRange(first, range) !== undefined
}

/** A transform of `a.b` changes what `a` is. */
function touchesInside({transforms}: Plan, field: string): boolean {
  return transforms.some(
    one => one.field !== field && /^[.[]/.test(one.field.slice(field.length)) && one.field.startsWith(field),
  )
}

const conditionText = (condition: ExpressionNode): string =>
  `where ${printable(printExpression(condition, {hideSalts: true}))}`

function refuse(ref: FunctionRef): never {
  throw new InvariantError(`${ref.hook} is a function of the rule`)
}
