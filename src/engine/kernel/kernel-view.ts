/** What fields mean at one place in a chain of steps: those of the record, or what steps before it made of them. */
import type {ExpressionNode, Kept, Params, TransformNode} from '../../rules/index.ts'
import type {KernelTest} from './kernel-condition.ts'
import {type Fields, type FieldUse, transformedLiteral, Unsupported} from './kernel-fields.ts'

/** Makes a field when somebody needs it. */
type Make = (use: FieldUse) => number

interface Written {
  readonly segments: readonly string[]
  readonly make: Make
  /** `transforms`, `sets`: what the rule does to it. */
  readonly verb: string
}

/**
 * `set` and `select` give what later steps see, and leave this as it is. Fields that are asked for are made in `fields`, which all views
 * of a plan share. Every method throws Unsupported for what the kernel would read differently.
 */
export class View {
  readonly fields: Fields
  readonly #written: ReadonlyMap<string, Written>
  readonly #kept: readonly ReadonlyMap<string, Kept>[]

  constructor(
    fields: Fields,
    written: ReadonlyMap<string, Written> = new Map(),
    kept: readonly ReadonlyMap<string, Kept>[] = [],
  ) {
    this.fields = fields
    this.#written = written
    this.#kept = kept
  }

  /** The field at a path. */
  use(path: string, use: FieldUse): number {
    const segments = this.fields.segmentsOf(path)
    const written = this.#written.get(path)
    if (written !== undefined) return written.make(use)
    this.#refuseRelated(path, segments)
    const position = segments.slice(1).find(segment => /^\d+$/.test(segment))
    if (position !== undefined) throw new Unsupported(`the path ${path} goes into a list`)
    for (const kept of this.#kept) {
      const share = shareOf(kept, segments)
      if (share === 'some') throw new Unsupported(`the rule selects fields of ${path} and reads it`)
      if (share === 'none') return this.fields.constant(undefined, use)
    }
    return this.fields.read(path, segments, use)
  }

  /** What a chain makes of the field at a path. */
  derive(path: string, chain: readonly TransformNode[], use: FieldUse): number {
    return chain.length === 0 ? this.use(path, use) : this.fields.transformed(this.use(path, 'text'), chain, use)
  }

  /** The same with a field set. */
  set(path: string, make: Make, verb = 'sets'): View {
    const segments = this.fields.segmentsOf(path)
    this.#refuseRelated(path, segments)
    return new View(this.fields, new Map(this.#written).set(path, {segments, make, verb}), this.#kept)
  }

  /** The same with the fields named, and no others. */
  select(fields: readonly string[]): View {
    const kept = this.fields.keptBy(fields)
    const written = new Map<string, Written>()
    for (const [path, one] of this.#written) {
      const share = shareOf(kept, one.segments)
      // Where the object is missing, what was set lies beside it under its whole path, and a selection of the object
      // does not take it along: it depends on the record.
      const isAside = share === 'all' && one.segments.length > 1
      if (share === 'some' || isAside) throw new Unsupported(`the rule ${one.verb} ${path} and selects fields of it`)
      const make: Make = share === 'all' ? one.make : use => this.fields.constant(undefined, use)
      written.set(path, {...one, make})
    }
    return new View(this.fields, written, [...this.#kept, kept])
  }

  /** A change of an object changes what paths into it find, and the other way round. */
  #refuseRelated(path: string, segments: readonly string[]): void {
    for (const [other, {segments: theirs, verb}] of this.#written) {
      if (other === path) continue
      if (segments.every((segment, index) => (theirs[index] ?? segment) === segment))
        throw new Unsupported(`the rule ${verb} ${other} and reads ${path}`)
    }
  }
}

/** How much of a field a selection keeps. */
function shareOf(kept: ReadonlyMap<string, Kept>, [name, ...inner]: readonly string[]): 'all' | 'some' | 'none' {
  const found = kept.get(name!)
  if (found === undefined) return 'none'
  if (found === 'whole') return 'all'
  return inner.length === 0 ? 'some' : shareOf(found, inner)
}

export interface ConditionContext {
  readonly params: Params
  readonly view: View
  /** Throws: the kernel does not do that. */
  readonly refuse: (what: string) => never
  /** Makes the tests of a condition. */
  readonly test: (node: ExpressionNode, context: ConditionContext) => KernelTest
}

/** The field that an expression's value is. */
export function valueField(node: ExpressionNode, context: ConditionContext, use: FieldUse): number {
  const {view, params, refuse} = context
  const {fields} = view
  switch (node.expression) {
    case 'field':
      return view.use(node.path, use)
    case 'literal':
      return fields.constant(node.value, use)
    case 'param':
      return fields.constant(paramOf(params, node.name, refuse), use)
    case 'transformed':
      if (node.operand.expression === 'literal')
        return fields.constant(transformedLiteral(node.transforms, node.operand.value), use)
      return fields.transformed(valueField(node.operand, context, 'text'), node.transforms, use)
    case 'arithmetic': {
      const left = valueField(node.left, context, 'presence')
      return fields.arithmetic(node.operator, left, valueField(node.right, context, 'presence'), use)
    }
    case 'matches':
      return fields.usedFor(fields.matches(valueField(node.operand, context, 'text'), node.pattern), use)
    default:
      return fields.test(context.test(node, context), use)
  }
}

/** A parameter as a constant. @param refuse - called for lists, objects, and what is not given */
export function paramOf(
  params: Params,
  name: string,
  refuse: (what: string) => never,
): string | number | boolean | null {
  const value = params[name]
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return value
  return refuse(`the parameter ${name}, which is not text, a number, true or false,`)
}
