/** From a checked rule to its plan: plain JSON. Functions are named by their place; functionsOf gives the table beside it. */
import {didYouMean, UserError} from '../base/index.ts'
import {isNamedReader} from './named-readers.ts'
import type {
  AggregateNode,
  FormatNode,
  FunctionRef,
  KeyPartNode,
  KeysetPlan,
  Plan,
  StepNode,
  TransformNode,
} from './plan.ts'
import {functionsOf, type HookFunction, keysetsOf, type NamedKeyset} from './rule-functions.ts'
import {memberPath} from './rule-problem.ts'
import {isSortedReduce} from './sorted-reduce.ts'
import {
  type KeyPart,
  type Postprocess,
  type Preprocess,
  planNode,
  type Rule,
  type RuleOptions,
  type Transform,
  type ValueParts,
} from './types.ts'

export interface CompileOptions {
  /** Name of the rule's module; undefined for a rule without a file. */
  readonly module?: string | undefined
  /** Only this keyset. */
  readonly keyset?: string | undefined
}

export interface CompiledRule {
  readonly plan: Plan
  /** By hook path, as in the plan's FunctionRefs; also the hooks that stand in no plan (init, result processor). */
  readonly functions: ReadonlyMap<string, HookFunction>
}

/**
 * Compiles a rule that checkRule has nothing against.
 *
 * @throws UserError RULE_NOT_FOUND when `keyset` names none of the rule's keysets
 */
export function compilePlan(rule: Rule, {module, keyset}: CompileOptions = {}): CompiledRule {
  const {options} = rule
  const plan: Plan = {
    version: 1,
    rule: module === undefined ? options.name : `${module}.${options.name}`,
    format: formatNode(options),
    steps: (options.partsPreprocess ?? []).map((step, index) => stepNode(step, memberPath('partsPreprocess', index))),
    transforms: Object.entries(options.fieldTransforms ?? {}).map(([field, chain]) => ({
      field,
      chain: transformNodes(chain, memberPath('fieldTransforms', field)),
    })),
    keysets: selectKeysets(rule, keyset).map(keysetPlan),
    fields: options.fields === undefined ? null : [...options.fields],
    map: options.mapFunction === null ? 'pairs' : refOrNull(options.mapFunction, 'mapFunction'),
    combiner: refOrNull(options.combinerFunction, 'combinerFunction'),
    partitioner: refOrNull(options.partitionFunction, 'partitionFunction'),
    reduce: isSortedReduce(options.reduceFunction) ? 'sorted' : refOrNull(options.reduceFunction, 'reduceFunction'),
    partitions: options.partitions ?? 1,
    sort: options.sort ?? true,
    sortedResults: options.sortedResults ?? true,
  }
  return {plan, functions: functionsOf(rule)}
}

function selectKeysets(rule: Rule, wanted: string | undefined): readonly NamedKeyset[] {
  const keysets = keysetsOf(rule.options)
  if (wanted === undefined) return keysets
  const chosen = keysets.filter(({name}) => name === wanted)
  if (chosen.length > 0) return chosen
  const known = keysets.map(({name}) => name)
  throw new UserError(
    'RULE_NOT_FOUND',
    `the rule ${rule.options.name} has no keyset "${wanted}".${didYouMean(wanted, known)}`,
    {
      hint: `its keysets are: ${known.join(', ')}`,
      exitCode: 2,
    },
  )
}

function keysetPlan({name, keyset, path, preprocessPath}: NamedKeyset): KeysetPlan {
  const keyParts = (keyset.keyParts ?? []).map(keyPartNode)
  const values = aggregateNodes(keyset.valueParts ?? [])
  const mappings = keyset.columnMappings ?? {}
  const header = (column: string): string => (Object.hasOwn(mappings, column) ? mappings[column] : null) || column
  return {
    name,
    keyParts,
    values,
    steps: (keyset.partsPreprocess ?? []).map((step, index) => stepNode(step, memberPath(preprocessPath, index))),
    postprocess: (keyset.partsPostprocess ?? []).map((hook: Postprocess, index) =>
      functionRef(hook, memberPath(memberPath(path, 'partsPostprocess'), index)),
    ),
    columns: [...keyParts.map(part => header(part.name)), ...values.map(value => header(value.column))],
    extraColumns: [...(keyset.extraColumns ?? [])],
    table: keyset.table ?? null,
  }
}

function keyPartNode(part: KeyPart): KeyPartNode {
  if (typeof part === 'string') return {name: part, field: part, transforms: []}
  return {name: part.name, field: part.field, transforms: [...part.transforms]}
}

function aggregateNodes(parts: ValueParts): AggregateNode[] {
  if (isNameList(parts)) return parts.map(namedSum)
  // The union is spread as a whole; TypeScript cannot see that column plus the rest is the same member again.
  return Object.entries(parts).map(([column, part]) => ({column, ...part.node}) as AggregateNode)
}

function isNameList(parts: ValueParts): parts is readonly string[] {
  return Array.isArray(parts)
}

/** A value part that is a name alone: a sum. `count` is the talk's magic one: it counts where the data has no such field. */
function namedSum(column: string): AggregateNode {
  return {column, aggregate: 'sum', field: column, absent: column === 'count' ? 1 : 0}
}

function stepNode(step: Preprocess, hook: string): StepNode {
  return planNode in step ? step[planNode] : functionRef(step, hook)
}

function transformNodes(chain: Transform | readonly Transform[], path: string): TransformNode[] {
  if (typeof chain === 'function') return [transformNode(chain, path)]
  return chain.map((transform, index) => transformNode(transform, memberPath(path, index)))
}

function transformNode(transform: Transform, hook: string): TransformNode {
  return planNode in transform ? transform[planNode] : {transform: 'function', ref: functionRef(transform, hook)}
}

function functionRef(hook: HookFunction, path: string): FunctionRef {
  return {step: 'function', hook: path, name: hook.name}
}

function refOrNull(hook: HookFunction | undefined | null, path: string): FunctionRef | null {
  return hook === undefined || hook === null ? null : functionRef(hook, path)
}

/** JSON lines unless said otherwise. (Inferno's own default was CSV: see README.) */
function formatNode({format = 'json', mapInputStream}: RuleOptions): FormatNode {
  if (isNamedReader(mapInputStream)) return formatNode({name: '', format: mapInputStream.format})
  if (mapInputStream !== undefined) return {format: 'custom', ref: functionRef(mapInputStream, 'mapInputStream')}
  if (format === 'csv' || format === 'dynamic') return {format, fields: null, delimiter: ','}
  if (typeof format === 'string') return {format}
  if (format.type === 'regex') return {format: 'regex', pattern: format.pattern}
  const fields = typeof format.fields === 'object' ? [...format.fields] : (format.fields ?? null)
  // A delimiter makes the dialect meaningless: everything else is the same in both.
  return {format: format.type, fields, delimiter: format.delimiter ?? (format.dialect === 'excel-tab' ? '\t' : ',')}
}
