/** One record through a rule, step by step, for people (`inferno trace`). Uses the same compiled steps as a run. */
import {messageOf} from '../base/index.ts'
import type {Cell, KeysetPlan, Params, Parts, Plan, StepNode} from '../rules/index.ts'
import {
  compilePath,
  compileSelect,
  compileTransforms,
  describeStep,
  describeTransform,
  setAtPath,
} from '../rules/index.ts'
import {compileChain, HookError, hookLabel, partsOf, type ResolveFunction} from './chain.ts'
import type {Column} from './contracts.ts'
import {fieldsForFunctions} from './function-fields.ts'
import {keyTextOf} from './numbers/index.ts'
import {columnsOf, tableLayouts} from './tables.ts'

export interface TracedStep {
  /** What was done, in words. */
  readonly label: string
  /** The parts after it; empty: the record ends here. */
  readonly parts: readonly Parts[]
  readonly error?: string
}

export interface TracedField {
  readonly field: string
  readonly label: string
  readonly before: unknown
  readonly after?: unknown
  readonly error?: string
}

export interface TracedPair {
  /** null when a key part is missing; then `missing` names it. */
  readonly key: readonly string[] | null
  readonly missing?: string
  /** A transform of a key part threw: the pair is dropped. */
  readonly error?: string
  readonly values: readonly {
    readonly column: string
    readonly found: unknown
    readonly counts: Cell
    readonly isUsable: boolean
  }[]
}

export interface TracedKeyset {
  readonly name: string
  readonly steps: readonly TracedStep[]
  readonly pairs: readonly TracedPair[]
}

export interface Trace {
  readonly record: Parts
  readonly steps: readonly TracedStep[]
  readonly transforms: readonly (readonly TracedField[])[]
  readonly keysets: readonly TracedKeyset[]
}

/** @throws UserError BAD_RULE as a run would */
export function traceRecord(plan: Plan, params: Params, resolve: ResolveFunction, record: Parts): Trace {
  const original = snapshot(record)
  const fields = fieldsForFunctions(plan)
  const start = fields === undefined ? record : compileSelect(fields)(record)
  const {steps, parts} = traceChain(plan.steps, [start], params, resolve)
  const transforms = parts.map(part => traceTransforms(plan, part, resolve))
  const surviving = parts.filter((_, index) => !transforms[index]!.some(field => field.error !== undefined))
  return {
    record: original,
    steps,
    transforms,
    keysets: plan.keysets.map((keyset, index) => traceKeyset(plan, keyset, index, surviving, params, resolve)),
  }
}

function traceChain(
  nodes: readonly StepNode[],
  start: readonly Parts[],
  params: Params,
  resolve: ResolveFunction,
): {steps: TracedStep[]; parts: readonly Parts[]} {
  const steps: TracedStep[] = []
  let parts = start
  for (const node of nodes) {
    const run = compileChain([node], params, resolve)!
    const label = node.step === 'function' ? hookLabel(node) : describeStep(node)
    try {
      parts = parts.flatMap(part => partsOf(run(part)))
      steps.push({label, parts: parts.map(snapshot)})
    } catch (error) {
      if (!(error instanceof HookError)) throw error
      steps.push({label, parts: [], error: error.message})
      return {steps, parts: []}
    }
  }
  return {steps, parts}
}

function traceTransforms(plan: Plan, part: Parts, resolve: ResolveFunction): TracedField[] {
  const fields: TracedField[] = []
  for (const {field, chain} of plan.transforms) {
    const before = compilePath(field)(part)
    if (before === undefined) continue
    const label = chain.map(describeTransform).join(', ')
    try {
      const after = compileTransforms(chain, resolve)(before)
      setAtPath(part, field, after)
      fields.push({field, label, before, after})
    } catch (error) {
      fields.push({field, label, before, error: messageOf(error)})
      return fields
    }
  }
  return fields
}

function traceKeyset(
  plan: Plan,
  keyset: KeysetPlan,
  index: number,
  parts: readonly Parts[],
  params: Params,
  resolve: ResolveFunction,
): TracedKeyset {
  const copies = parts.map(part => ({...part, _keyset: keyset.name}))
  const traced = traceChain(keyset.steps, copies, params, resolve)
  const pairs = traced.parts.map(part => tracePair(plan, keyset, index, {...part, _keyset: keyset.name}, resolve))
  return {name: keyset.name, steps: traced.steps, pairs}
}

function tracePair(plan: Plan, keyset: KeysetPlan, index: number, part: Parts, resolve: ResolveFunction): TracedPair {
  const key: string[] = []
  let missing: string | undefined
  for (const {name, field, transforms} of keyset.keyParts) {
    const found = compilePath(field)(part)
    let value: unknown
    try {
      value = found === undefined ? undefined : compileTransforms(transforms, resolve)(found)
    } catch (error) {
      return {key: null, error: `keyParts.${name}: ${messageOf(error)}`, values: []}
    }
    if (value === undefined || value === null) missing ??= name
    else key.push(keyTextOf(value))
  }
  return {
    key: missing === undefined ? key : null,
    ...(missing === undefined ? {} : {missing}),
    values: traceValues(plan, keyset, index, part),
  }
}

/** What each value part counts for this part alone. */
function traceValues(plan: Plan, keyset: KeysetPlan, index: number, part: Parts): TracedPair['values'] {
  const columns = columnsOf(tableLayouts(plan)[index]!)[Symbol.iterator]()
  return keyset.values.map(node => {
    const found = node.field === null ? undefined : compilePath(node.field)(part)
    if (node.aggregate === 'topK') {
      const counts = found === undefined || found === null ? [] : [{value: keyTextOf(found), count: 1}]
      return {column: node.column, found, counts, isUsable: true}
    }
    const column: Column = columns.next().value!
    column.grow(1)
    const by = node.aggregate === 'first' || node.aggregate === 'last' ? compilePath(node.by)(part) : undefined
    const isUsable = column.add(0, found, by)
    return {column: node.column, found, counts: column.finish(0), isUsable}
  })
}

/** The part as it is now. What a hook put there and cannot be cloned (a function, a socket) becomes its text. */
function snapshot(part: Parts): Parts {
  try {
    return structuredClone(part)
  } catch {
    return Object.fromEntries(
      Object.entries(part).map(([name, value]) => [name, isPlain(value) ? value : String(value)]),
    )
  }
}

function isPlain(value: unknown): boolean {
  return value === null || !['object', 'function', 'symbol'].includes(typeof value)
}
