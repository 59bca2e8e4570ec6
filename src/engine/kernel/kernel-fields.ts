/** The fields that a plan needs, and those it makes from them. */
import type {ExpressionNode, Kept, StepNode, TransformNode} from '../../rules/index.ts'
import {compileTransforms, keptFields, parsePath} from '../../rules/index.ts'
import {type HostValue, hostValueOf} from './host-value.ts'
import type {KernelTest} from './kernel-condition.ts'
import {derivedMax, memoriesMax, namesMax, zonesMax} from './limits.ts'

/** What a field is needed for: decides which values the kernel may take. */
export type FieldUse = 'text' | 'number' | 'presence'

export interface KernelField {
  readonly segments: readonly string[]
  /** The dotted paths that it is read by: a member of such a name would win over it. */
  readonly paths: ReadonlySet<string>
  readonly uses: ReadonlySet<FieldUse>
}

export type ArithmeticOperator = Extract<ExpressionNode, {readonly expression: 'arithmetic'}>['operator']
export type LookupTable = Extract<StepNode, {readonly step: 'lookup'}>['table']

/** How a field is made. Fields are named by number as in KernelPlan. */
export type Making =
  | {readonly make: 'transform'; readonly source: number; readonly chain: readonly TransformNode[]}
  | {readonly make: 'constant'; readonly value: HostValue}
  | {readonly make: 'arithmetic'; readonly operator: ArithmeticOperator; readonly left: number; readonly right: number}
  | {readonly make: 'test'; readonly test: KernelTest}
  | {readonly make: 'matches'; readonly source: number; readonly pattern: string}
  | {
      readonly make: 'lookup'
      readonly source: number
      readonly table: LookupTable
      readonly column: string
      /** What it is where the table has no row; undefined: absent. */
      readonly otherwise: number | undefined
    }
  | {readonly make: 'found'; readonly source: number; readonly table: LookupTable}
  /** An element of a list, or a word: filled in for each part of a record. */
  | {readonly make: 'element'}

export type KernelDerived = Making & {
  readonly uses: ReadonlySet<FieldUse>
  /** Made once for a record, before it becomes several parts, and before the rule's field transforms. */
  readonly isEarly: boolean
}

/** Thrown and caught in this module: the first thing that the kernel does not do. */
export class Unsupported extends Error {
  override readonly name = 'Unsupported'
}

/** Transforms that the kernel has code of its own for (derived-image.ts), and that make fewer values of many. */
const narrowing: ReadonlySet<TransformNode['transform']> = new Set([
  'lower',
  'upper',
  'truncateIp',
  'urlHost',
  'minute',
  'hour',
  'day',
  'week',
])

type Used<Field> = Field & {readonly uses: Set<FieldUse>}
type ReadField = Used<KernelField> & {readonly paths: Set<string>}

/** Collects fields; one of each. */
export class Fields {
  readonly list: ReadField[] = []
  readonly derived: Used<KernelDerived>[] = []
  readonly #indexes = new Map<string, number>()
  readonly #tables = new Map<LookupTable, number>()
  readonly #isFlat: boolean
  #isEarly = true

  /** @param isFlat - records have no fields in fields: a path is the name of a field, dots and all */
  constructor(isFlat: boolean) {
    this.#isFlat = isFlat
  }

  /** The names along a path. */
  segmentsOf(path: string): readonly string[] {
    return this.#isFlat ? [path] : parsePath(path)
  }

  /** What a selection keeps. */
  keptBy(fields: readonly string[]): ReadonlyMap<string, Kept> {
    return this.#isFlat ? new Map(fields.map(field => [field, 'whole'])) : keptFields(fields)
  }

  /** Fields that are made from now on are made for each part. */
  endEarly(): void {
    this.#isEarly = false
  }

  /** The member at the end of these names, for small records: whatever it is. */
  member(segments: readonly string[]): number {
    return this.#raw(undefined, segments, 'presence')
  }

  /** The field at a path of the record as it was read. */
  read(path: string, segments: readonly string[], use: FieldUse): number {
    return this.#raw(segments.length > 1 ? path : undefined, segments, use)
  }

  transformed(source: number, chain: readonly TransformNode[], use: FieldUse): number {
    const user = chain.find(node => node.transform === 'function')
    if (user !== undefined)
      throw new Unsupported(`the transform ${user.ref.name || '(function)'} is a function of the rule`)
    const [first, ...rest] = chain
    if (rest.length === 0 || !narrowing.has(first!.transform) || this.#memoryCount() + 2 > memoriesMax)
      return this.#made({make: 'transform', source, chain}, use)
    // Many values become few (timestamps minutes), and what the host makes of those is remembered.
    return this.#made({make: 'transform', source: this.transformed(source, [first!], 'text'), chain: rest}, use)
  }

  #memoryCount(): number {
    return memoriesOf(this.derived).filter(memory => memory !== undefined).length
  }

  /** @param value - undefined: absent */
  constant(value: unknown, use: FieldUse): number {
    const known = hostValueOf(value)
    if (known === undefined) throw new Unsupported(`the rule has the constant ${String(value)}`)
    return this.#made({make: 'constant', value: known}, use)
  }

  arithmetic(operator: ArithmeticOperator, left: number, right: number, use: FieldUse): number {
    return this.#made({make: 'arithmetic', operator, left, right}, use)
  }

  test(test: KernelTest, use: FieldUse): number {
    return test.test === 'truth' && this.#isTruth(test.field)
      ? this.usedFor(test.field, use)
      : this.#made({make: 'test', test}, use)
  }

  matches(source: number, pattern: string): number {
    return this.#made({make: 'matches', source, pattern}, 'presence')
  }

  lookup(source: number, table: LookupTable, column: string, otherwise: number | undefined, use: FieldUse): number {
    return this.#made({make: 'lookup', source, table, column, otherwise}, use)
  }

  /** Whether a lookup finds something. */
  found(source: number, table: LookupTable): number {
    return this.#made({make: 'found', source, table}, 'presence')
  }

  element(): number {
    return this.#made({make: 'element'}, 'presence')
  }

  /** Notes that a field of these is needed for something more. */
  usedFor(field: number, use: FieldUse): number {
    const {uses} = field >= 0 ? this.list[field]! : this.derived[-1 - field]!
    uses.add(use)
    return field
  }

  #isTruth(field: number): boolean {
    const making = field < 0 ? this.derived[-1 - field]!.make : undefined
    return making === 'test' || making === 'matches' || making === 'found'
  }

  #raw(path: string | undefined, segments: readonly string[], use: FieldUse): number {
    const make = (): ReadField => ({segments, paths: new Set<string>(), uses: new Set<FieldUse>()})
    const index = this.#indexOf(JSON.stringify(segments), this.list, make)
    if (path !== undefined) this.list[index]!.paths.add(path)
    return this.usedFor(index, use)
  }

  #made(making: Making, use: FieldUse): number {
    const make = (): Used<KernelDerived> => ({...making, uses: new Set<FieldUse>(), isEarly: this.#isEarly})
    return this.usedFor(-1 - this.#indexOf(this.#nameOf(making), this.derived, make), use)
  }

  /** Tables may be large: they are told apart by being the same object. */
  #nameOf(making: Making): string {
    const name = (key: string, value: unknown): unknown => {
      if (typeof value === 'bigint' || (typeof value === 'number' && !Number.isFinite(value))) return String(value)
      return key === 'table' ? this.#numberOf(value as LookupTable) : value
    }
    return JSON.stringify(making, name)
  }

  #numberOf(table: LookupTable): number {
    const known = this.#tables.get(table)
    if (known !== undefined) return known
    this.#tables.set(table, this.#tables.size)
    return this.#tables.size - 1
  }

  #indexOf<Item>(name: string, list: Item[], make: () => Item): number {
    const known = this.#indexes.get(name)
    if (known !== undefined) return known
    this.#indexes.set(name, list.length)
    return list.push(make()) - 1
  }

  /** Fields and objects on the way to them. */
  get nameCount(): number {
    const prefixes = new Set<string>()
    for (const {segments} of this.list) {
      for (let length = 1; length < segments.length; length++) prefixes.add(JSON.stringify(segments.slice(0, length)))
    }
    return this.list.length + prefixes.size
  }

  check(): void {
    const {nameCount} = this
    if (nameCount > namesMax)
      throw new Unsupported(`the rule reads ${nameCount} fields and objects, more than ${namesMax}`)
    if (this.derived.length > derivedMax)
      throw new Unsupported(`the rule makes ${this.derived.length} fields, more than ${derivedMax}`)
    const memories = this.#memoryCount()
    if (memories > memoriesMax)
      throw new Unsupported(`the rule makes ${memories} fields by transforms, more than ${memoriesMax}`)
    const zones = zonesOf(this.derived)
    if (zones.length > zonesMax) throw new Unsupported(`the rule has ${zones.length} time zones, more than ${zonesMax}`)
  }
}

/** For each field the number of its table of remembered values; undefined: it has none. */
export function memoriesOf(derived: readonly KernelDerived[]): readonly (number | undefined)[] {
  let count = 0
  return derived.map(({make}) => (['transform', 'matches', 'lookup', 'found'].includes(make) ? count++ : undefined))
}

/** The time zones that the kernel reads the clock of, by number from 1 on; UTC is 0. */
export function zonesOf(derived: readonly KernelDerived[]): readonly string[] {
  const zones = derived.flatMap(one =>
    one.make === 'transform' && one.chain.length === 1 ? zoneOf(one.chain[0]!) : [],
  )
  return [...new Set(zones)].filter(zone => zone !== 'UTC')
}

function zoneOf(node: TransformNode): readonly string[] {
  return 'zone' in node ? [node.zone] : []
}

/** The value of a transformed literal. */
export function transformedLiteral(chain: readonly TransformNode[], value: unknown): unknown {
  return compileTransforms(chain, () => {
    throw new Unsupported('the rule has a function in a condition')
  })(value)
}
