/** Whether the kernel can run a plan, and what it needs to know of it. */
import type {KeysetPlan, Params, Plan} from '../../rules/index.ts'
import type {KernelTest} from './kernel-condition.ts'
import {Fields, type KernelDerived, type KernelField, Unsupported} from './kernel-fields.ts'
import {isKernelFormat, type KernelFormat} from './kernel-format.ts'
import type {KernelRecords} from './kernel-records.ts'
import {type KernelExpansion, kernelChain} from './kernel-steps.ts'
import {type KernelValue, kernelValues} from './kernel-values.ts'
import {View} from './kernel-view.ts'
import {checkedBytes} from './plan-bytes.ts'

export interface KernelKeyset {
  readonly name: string
  readonly parts: readonly {readonly field: number /** `keyset.part`, for the account. */; readonly label: string}[]
  readonly values: readonly KernelValue[]
  readonly condition: KernelTest | undefined
  /** Fields whose values are counted group by group, in tables of their own: topK columns. */
  readonly counted: readonly number[]
}

/** Fields are named by number: from 0 on those of the record, from -1 downwards those derived from them. */
export interface KernelPlan {
  readonly format: KernelFormat
  readonly fields: readonly KernelField[]
  readonly derived: readonly KernelDerived[]
  readonly keysets: readonly KernelKeyset[]
  readonly condition: KernelTest | undefined
  /** After `condition` a record becomes several parts, and each is asked `partCondition`. */
  readonly expansion: KernelExpansion | undefined
  readonly partCondition: KernelTest | undefined
  /** Small records for the row path instead of groups; there are no keysets then. */
  readonly records: KernelRecords | undefined
}

/**
 * @param params - conditions may name them
 * @returns the plan as the kernel runs it, or in a few words what it holds that only the row evaluator runs
 */
export function kernelPlan(plan: Plan, params: Params = {}): KernelPlan | {readonly reason: string} {
  try {
    return supportedPlan(plan, params)
  } catch (error) {
    if (error instanceof Unsupported) return {reason: error.message}
    throw error
  }
}

function supportedPlan(plan: Plan, params: Params): KernelPlan {
  const {format} = plan
  if (!isKernelFormat(format)) throw new Unsupported(`the format is ${format.format}`)
  if (plan.map !== null) throw new Unsupported('the rule has a map function')
  if (plan.combiner !== null) throw new Unsupported('the rule has a combiner')
  if (plan.partitioner !== null) throw new Unsupported('the rule has a partition function')
  if (plan.reduce !== null && plan.reduce !== 'sorted') throw new Unsupported('the rule has a reduce function')
  if (!plan.sort) throw new Unsupported('the rule asks for unsorted groups')
  const fields = new Fields(format.format !== 'json')
  const {view, condition, partCondition, expansion} = kernelChain(plan.steps, new View(fields), {
    owner: 'the rule',
    params,
    mayExpand: true,
  })
  fields.endEarly()
  const transformed = withTransforms(view, plan)
  const keysets = plan.keysets.map(keyset => keysetOf(keyset, transformed, params))
  fields.check()
  const {list, derived} = fields
  return checkedBytes({format, fields: list, derived, keysets, condition, partCondition, expansion, records: undefined})
}

/** Fields as the rule's transforms make them. */
function withTransforms(view: View, {transforms}: Plan): View {
  return transforms.reduce(
    (before, {field, chain}) =>
      before.set(field, use => before.fields.transformed(before.use(field, 'text'), chain, use), 'transforms'),
    view,
  )
}

function keysetOf(keyset: KeysetPlan, before: View, params: Params): KernelKeyset {
  const named = (view: View): View => view.set('_keyset', use => view.fields.constant(keyset.name, use))
  const chain = kernelChain(keyset.steps, named(before), {owner: `keyset ${keyset.name}`, params, mayExpand: false})
  const {condition} = chain
  const fields = named(chain.view)
  const parts = keyset.keyParts.map(part => {
    return {field: fields.derive(part.field, part.transforms, 'text'), label: `${keyset.name}.${part.name}`}
  })
  // A key is then no longer than its line and what was derived from it.
  const doubled = parts.find(({field}, index) => parts.findIndex(other => other.field === field) < index)
  if (doubled !== undefined) throw new Unsupported(`the key part ${doubled.label} is listed twice`)
  return {name: keyset.name, parts, condition, ...kernelValues(keyset.values, fields)}
}
