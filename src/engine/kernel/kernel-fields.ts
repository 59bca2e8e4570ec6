/** The fields that a plan needs, and those it makes from them. */
import type {Plan, TransformNode} from '../../rules/index.ts'
import {parsePath} from '../../rules/index.ts'
import {derivedMax, namesMax} from './limits.ts'

/** What a field is needed for: decides which values the kernel may take. */
export type FieldUse = 'text' | 'number' | 'presence'

export interface KernelField {
  readonly path: string
  readonly segments: readonly string[]
  readonly uses: ReadonlySet<FieldUse>
}

/** A field that a chain of transforms makes from another one. */
export interface KernelDerived {
  readonly source: number
  readonly chain: readonly TransformNode[]
  readonly uses: ReadonlySet<FieldUse>
  /** The rule's own condition needs it, which comes before its field transforms. */
  readonly isEarly: boolean
}

/** Thrown and caught in this module: the first thing that the kernel does not do. */
export class Unsupported extends Error {
  override readonly name = 'Unsupported'
}

interface Transformed {
  readonly path: string
  readonly segments: readonly string[]
  readonly chain: readonly TransformNode[]
}

type Used<Field> = Field & {readonly uses: Set<FieldUse>}

/** Collects fields; one of each. They are named by number as in KernelPlan. */
export class Fields {
  readonly list: Used<KernelField>[] = []
  readonly derived: Used<KernelDerived>[] = []
  readonly #indexes = new Map<string, number>()
  /** The rule's field transforms; undefined as long as they have not taken place. */
  #transformed: readonly Transformed[] | undefined

  /** From now on fields are as the rule's transforms make them. */
  transform(transforms: Plan['transforms']): void {
    this.#transformed = transforms.map(({field, chain}) => ({path: field, segments: segmentsOf(field), chain}))
    for (const {path, segments} of this.#transformed) this.#refuseRelated(path, segments)
  }

  /** The field at a path. */
  use(path: string, use: FieldUse): number {
    const segments = segmentsOf(path)
    this.#refuseRelated(path, segments)
    const transformed = this.#transformed?.find(one => one.path === path)
    if (transformed === undefined) return this.#raw(path, segments, use)
    return this.#derive(this.#raw(path, segments, 'text'), transformed.chain, use)
  }

  /** What a chain makes of the field at a path. */
  derive(path: string, chain: readonly TransformNode[], use: FieldUse): number {
    return chain.length === 0 ? this.use(path, use) : this.#derive(this.use(path, 'text'), chain, use)
  }

  #raw(path: string, segments: readonly string[], use: FieldUse): number {
    const index = this.#indexOf(path, this.list, () => ({path, segments, uses: new Set<FieldUse>()}))
    this.list[index]!.uses.add(use)
    return index
  }

  #derive(source: number, chain: readonly TransformNode[], use: FieldUse): number {
    const user = chain.find(node => node.transform === 'function')
    if (user !== undefined)
      throw new Unsupported(`the transform ${user.ref.name || '(function)'} is a function of the rule`)
    const isEarly = this.#transformed === undefined
    const name = JSON.stringify([source, chain, isEarly])
    const index = this.#indexOf(name, this.derived, () => ({source, chain, isEarly, uses: new Set<FieldUse>()}))
    this.derived[index]!.uses.add(use)
    return -1 - index
  }

  #indexOf<Item>(name: string, list: Item[], make: () => Item): number {
    const known = this.#indexes.get(name)
    if (known !== undefined) return known
    this.#indexes.set(name, list.length)
    return list.push(make()) - 1
  }

  /** A transform of an object changes what paths into it find, and the other way round. */
  #refuseRelated(path: string, segments: readonly string[]): void {
    const related = this.#transformed?.find(
      other =>
        other.path !== path && segments.every((segment, index) => (other.segments[index] ?? segment) === segment),
    )
    if (related !== undefined) throw new Unsupported(`the rule transforms ${related.path} and reads ${path}`)
  }

  check(): void {
    const prefixes = new Set<string>()
    for (const {segments} of this.list) {
      for (let length = 1; length < segments.length; length++) prefixes.add(JSON.stringify(segments.slice(0, length)))
    }
    const count = this.list.length + prefixes.size
    if (count > namesMax) throw new Unsupported(`the rule reads ${count} fields and objects, more than ${namesMax}`)
    if (this.derived.length > derivedMax)
      throw new Unsupported(`the rule makes ${this.derived.length} fields by transforms, more than ${derivedMax}`)
  }
}

function segmentsOf(path: string): readonly string[] {
  const segments = parsePath(path)
  if (segments[0] === '_keyset') throw new Unsupported('the rule reads the name of the keyset')
  const position = segments.slice(1).find(segment => /^\d+$/.test(segment))
  if (position !== undefined) throw new Unsupported(`the path ${path} goes into a list`)
  return segments
}
