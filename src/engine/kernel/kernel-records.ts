/**
 * Small records: the kernel reads, checks and filters lines, and hands on of those that are left just the fields that the rest of
 * the rule needs; the row path does that rest. For rules with functions that say which fields they read, and for steps
 * and columns that the kernel does not know.
 */
import type {Kept, Params, Plan, StepNode} from '../../rules/index.ts'
import {fieldsOfExpression, keptFields, parsePath, readFields} from '../../rules/index.ts'
import {hookLabel} from '../chain.ts'
import {Fields, Unsupported} from './kernel-fields.ts'
import {isKernelFormat} from './kernel-format.ts'
import type {KernelPlan} from './kernel-plan.ts'
import {kernelChain} from './kernel-steps.ts'
import {View} from './kernel-view.ts'
import {namesMax} from './limits.ts'
import {checkedBytes} from './plan-bytes.ts'

export interface KernelRecords {
  readonly pieces: readonly KernelPiece[]
  /** A line with a member of such a name goes to the row path: it would win over the path that it looks like. */
  readonly refused: readonly string[]
  /** So many of the rule's steps, all of them conditions, are done when a record is handed on. */
  readonly stepsDone: number
}

/** A member of a small record, or beginning and end of an object in it, which is there when the line has it. */
export type KernelPiece =
  | {readonly piece: 'value'; readonly name: string; readonly field: number}
  | {readonly piece: 'open'; readonly name: string; readonly segments: readonly string[]}
  | {readonly piece: 'close'}

/** @returns the plan as far as the kernel runs it, or in a few words why it does not even read the fields */
export function recordsPlan(plan: Plan, params: Params = {}): KernelPlan | {readonly reason: string} {
  try {
    return supportedRecords(plan, params)
  } catch (error) {
    if (error instanceof Unsupported) return {reason: error.message}
    throw error
  }
}

function supportedRecords(plan: Plan, params: Params): KernelPlan {
  const {format} = plan
  if (!isKernelFormat(format)) throw new Unsupported(`the format is ${format.format}`)
  const read = readFields(plan)
  if (read.fields === null) {
    if (read.reader === undefined) throw new Unsupported('records are pairs')
    throw new Unsupported(`${hookLabel(read.reader)} may read any field: name those that it reads in \`fields\``)
  }
  const isFlat = format.format !== 'json'
  const fields = new Fields(isFlat)
  const kept = fields.keptBy(isFlat ? flatNames(read.fields) : read.fields)
  const pieces = piecesOf(kept, [], fields)
  const steps = knownConditions(plan, params, kept)
  const {condition} = kernelChain(steps, new View(fields), {owner: 'the rule', params, mayExpand: false})
  fields.check()
  const objectCount = pieces.filter(({piece}) => piece === 'open').length
  if (fields.nameCount + objectCount > namesMax)
    throw new Unsupported(`the rule reads ${fields.nameCount + objectCount} fields and objects, more than ${namesMax}`)
  const refused = read.fields.filter(path => fields.segmentsOf(path).length > 1)
  const {list, derived} = fields
  const records = {pieces, refused, stepsDone: steps.length}
  return checkedBytes({
    ...{format, fields: list, derived, keysets: [], records},
    ...{condition, partCondition: undefined, expansion: undefined},
  })
}

/** The fields that compileSelect finds in records without nested ones, in its order: those of one name, then those of dotted ones. */
function flatNames(paths: readonly string[]): readonly string[] {
  const plain = [...keptFields(paths)].filter(([, inner]) => inner === 'whole').map(([name]) => name)
  return [...plain, ...paths.filter(path => parsePath(path).length > 1)]
}

function piecesOf(kept: ReadonlyMap<string, Kept>, outer: readonly string[], fields: Fields): KernelPiece[] {
  return [...kept].flatMap(([name, inner]): KernelPiece[] => {
    const segments = [...outer, name]
    if (inner === 'whole') return [{piece: 'value', name, field: fields.member(segments)}]
    return [{piece: 'open', name, segments}, ...piecesOf(inner, segments, fields), {piece: 'close'}]
  })
}

/** The conditions that the rule begins with, as far as the kernel knows them. */
function knownConditions(plan: Plan, params: Params, kept: ReadonlyMap<string, Kept>): readonly StepNode[] {
  if (plan.map !== null) return []
  const end = plan.steps.findIndex(step => !isKnown(plan, step, params, kept))
  return end < 0 ? plan.steps : plan.steps.slice(0, end)
}

function isKnown({format}: Plan, step: StepNode, params: Params, kept: ReadonlyMap<string, Kept>): boolean {
  if (step.step !== 'where') return false
  // Of an object that is handed on as a whole the kernel does not see the members.
  const fields = new Fields(format.format !== 'json')
  if (fieldsOfExpression(step.condition).some(path => isInside(kept, fields.segmentsOf(path)))) return false
  try {
    kernelChain([step], new View(fields), {owner: 'the rule', params, mayExpand: false})
    fields.check()
    return true
  } catch (error) {
    if (error instanceof Unsupported) return false
    throw error
  }
}

function isInside(kept: ReadonlyMap<string, Kept>, [name, ...inner]: readonly string[]): boolean {
  const found = kept.get(name!)
  if (found === undefined || inner.length === 0) return false
  return found === 'whole' || isInside(found, inner)
}
