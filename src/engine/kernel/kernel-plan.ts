/** Whether the kernel can run a plan, and what it needs to know of it. */
import type {FormatNode, KeysetPlan, Params, Plan, StepNode} from '../../rules/index.ts'
import {conditionTest, type KernelTest} from './kernel-condition.ts'
import {Fields, type KernelDerived, type KernelField, Unsupported} from './kernel-fields.ts'
import {type KernelValue, kernelValues} from './kernel-values.ts'
import {planBytesMax} from './limits.ts'
import {planImage} from './plan-image.ts'

export interface KernelKeyset {
  readonly name: string
  readonly parts: readonly {readonly field: number /** `keyset.part`, for the account. */; readonly label: string}[]
  readonly values: readonly KernelValue[]
  readonly condition: KernelTest | undefined
  /** Fields whose values are counted group by group, in tables of their own: topK columns. */
  readonly counted: readonly number[]
}

/** Formats that the kernel reads. */
export type KernelFormat = FormatNode & {readonly format: (typeof kernelFormats)[number]}
const kernelFormats = ['json', 'csv', 'logfmt', 'common-log', 'combined-log'] as const

/** Fields are named by number: from 0 on those of the record, from -1 downwards those derived from them. */
export interface KernelPlan {
  readonly format: KernelFormat
  readonly fields: readonly KernelField[]
  readonly derived: readonly KernelDerived[]
  readonly keysets: readonly KernelKeyset[]
  readonly condition: KernelTest | undefined
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
  const fields = new Fields()
  const condition = conditionOf(plan.steps, 'the rule', fields, params)
  fields.transform(plan.transforms)
  const keysets = plan.keysets.map(keyset => keysetOf(keyset, fields, params))
  fields.check()
  const supported = {format, fields: fields.list, derived: fields.derived, keysets, condition}
  if (planImage(supported, 0).bytes.length > planBytesMax)
    throw new Unsupported(`the rule takes more than ${planBytesMax} bytes in the kernel`)
  return supported
}

function isKernelFormat(format: FormatNode): format is KernelFormat {
  return kernelFormats.some(known => known === format.format)
}

/** All conditions of a chain; undefined for an empty one. */
function conditionOf(
  steps: readonly StepNode[],
  owner: string,
  fields: Fields,
  params: Params,
): KernelTest | undefined {
  const refuse = (what: string): never => {
    throw new Unsupported(`${owner} has ${what}`)
  }
  const context = {params, fields, refuse}
  const operands = steps.map(step =>
    step.step === 'where' ? conditionTest(step.condition, context) : refuse(`the step ${step.step}`),
  )
  return operands.length === 0 ? undefined : {test: 'and', operands}
}

function keysetOf(keyset: KeysetPlan, fields: Fields, params: Params): KernelKeyset {
  const condition = conditionOf(keyset.steps, `keyset ${keyset.name}`, fields, params)
  const parts = keyset.keyParts.map(part => {
    return {field: fields.derive(part.field, part.transforms, 'text'), label: `${keyset.name}.${part.name}`}
  })
  // A key is then no longer than its line and what was derived from it.
  const doubled = parts.find(({field}, index) => parts.findIndex(other => other.field === field) < index)
  if (doubled !== undefined) throw new Unsupported(`the key part ${doubled.label} is listed twice`)
  return {name: keyset.name, parts, condition, ...kernelValues(keyset.values, fields)}
}
