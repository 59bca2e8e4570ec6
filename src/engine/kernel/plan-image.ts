/** The plan as the kernel reads it from its memory: the structs of assembly/layout.ts, byte for byte. */
import {assert} from '../../base/index.ts'
import {writeDerived} from './derived-image.ts'
import type {KernelTest} from './kernel-condition.ts'

import type {FieldUse, KernelField} from './kernel-fields.ts'
import type {KernelFormat} from './kernel-format.ts'
import type {KernelKeyset, KernelPlan} from './kernel-plan.ts'

import {operations} from './kernel-values.ts'
import {allowedKinds} from './kinds.ts'
import {batchBytesMax, batchLinesMax} from './limits.ts'
import {writePieces} from './records-image.ts'
import {hasFixedBytes, stateBytesOf, tablesOf, writtenBytesMax} from './tables.ts'
import type {LineNeeds} from './usual-line/usual-reader.ts'

export interface PlanImage {
  readonly bytes: Uint8Array
  /** Where the kernel counts pairs that were dropped for a missing key part: 64 bits each, from the image's beginning. */
  readonly dropCounters: readonly {readonly label: string; readonly at: number}[]
  /** Where the numbers of the fields go that a record numbers, field by field: 32 bits each, `columnBytes` apart. */
  readonly columnsAt: number
  readonly lines: LineNeeds
}

const headerBytes = 104
export const columnBytes = 8
/** The record has no field of that name. */
export const noColumn = -1
const nameBytes = 40
const keysetBytes = 80
const partBytes = 16
const valueBytes = 32
const pairBytes = 16
const slotBytes = 24
const groupHeaderBytes = 8
const derivedBytes = 32

/** @param base - address where the image will lie */
export function planImage(plan: KernelPlan, base: number): PlanImage {
  const image = new Image(base)
  const header = image.reserve(headerBytes)
  const tables = tablesOf(plan)
  // No slot lies at 0, which stands for none.
  const slotsAt = Math.max(1, tables.length) * pairBytes
  const slotOf = (field: number): number => slotsAt + (field >= 0 ? field : plan.fields.length - 1 - field) * slotBytes
  const tree = new NameTree(plan.fields, slotOf)
  const pieces = plan.records === undefined ? undefined : writePieces(image, plan.records, tree, slotOf)
  // Other formats give their fields numbers.
  const names = ['json', 'logfmt'].includes(plan.format.format) ? tree.list : []
  const namesAt = image.reserve(names.length * nameBytes)
  for (const [index, name] of names.entries()) writeName(image, namesAt + index * nameBytes, name)
  const keysetsAt = image.reserve(tables.length * keysetBytes)
  const dropCounters = tables.flatMap(({keyset, parent}, index) =>
    writeKeyset(image, keysetsAt + index * keysetBytes, keyset, {
      slotOf,
      pair: index * pairBytes,
      parentPair: parent * pairBytes,
    }),
  )
  const derivedAt = image.reserve(plan.derived.length * derivedBytes)
  writeDerived(image, derivedAt, plan.derived, {slotOf, addressOfTest: test => writeCondition(image, test, slotOf)})
  const columnsAt = image.reserve(plan.fields.length * columnBytes)
  const places = fixedNames[plan.format.format] ?? []
  for (const [index, {segments}] of plan.fields.entries())
    image.words(columnsAt + index * columnBytes, [places.indexOf(segments[0]), slotOf(index)])
  const numbers = numberSlots(plan, slotOf)
  const numbersAt = image.reserve(numbers.length * 4)
  image.words(numbersAt, numbers)
  const areaBytes = slotsAt + (plan.fields.length + plan.derived.length) * slotBytes
  const batchLines = Math.max(1, Math.min(batchLinesMax, Math.floor(batchBytesMax / areaBytes)))
  image.words(header, [
    plan.fields.length,
    names.length,
    image.addressOf(namesAt),
    plan.keysets.length,
    image.addressOf(keysetsAt),
    areaBytes,
    slotsAt,
    batchLines,
    writeCondition(image, plan.condition, slotOf),
    plan.derived.length,
    image.addressOf(derivedAt),
    plan.derived.filter(({isEarly}) => isEarly).length,
    tables.length,
    formats.indexOf(plan.format.format),
    plan.format.format === 'csv' ? plan.format.delimiter.charCodeAt(0) : 0,
    plan.fields.length,
    image.addressOf(columnsAt),
    numbers.length,
    image.addressOf(numbersAt),
    pieces ?? 0,
    plan.records?.pieces.length ?? 0,
    ...expansionWords(plan, slotOf),
    writeCondition(image, plan.partCondition, slotOf),
  ])
  const ofKeysets = plan.keysets.flatMap(({parts}) => parts).length
  return {
    ...{bytes: image.bytes(), dropCounters: dropCounters.slice(0, ofKeysets), columnsAt},
    lines: {names, slots: plan.fields.map((_, index) => slotOf(index)), areaBytes, batchLines},
  }
}

/** By number as in layout.ts. */
const formats: readonly KernelFormat['format'][] = ['json', 'csv', 'logfmt', 'common-log', 'combined-log']

const requestFields = ['host', 'ident', 'user', 'time', 'method', 'path', 'protocol', 'request', 'status', 'bytes']
/** The fields of records that all have the same, in the order of assembly/access-log.ts. */
const fixedNames: Readonly<Partial<Record<KernelFormat['format'], readonly (string | undefined)[]>>> = {
  'common-log': [...requestFields, undefined, undefined, 'extra'],
  'combined-log': [...requestFields, 'referer', 'agent', 'extra'],
}

/** The fields, derived ones too, whose text has to be a number. */
function numberSlots({fields, derived}: KernelPlan, slotOf: Slots['slotOf']): number[] {
  const slots = (list: readonly {readonly uses: ReadonlySet<FieldUse>}[], numberOf: (index: number) => number) =>
    list.flatMap(({uses}, index) => (uses.has('number') ? [slotOf(numberOf(index))] : []))
  return [...slots(fields, index => index), ...slots(derived, index => -1 - index)]
}

function expansionWords({expansion, derived}: KernelPlan, slotOf: Slots['slotOf']): readonly number[] {
  if (expansion === undefined) return [0, 0, 0, 0]
  const {expand, source, element} = expansion
  return [expand === 'list' ? 1 : 2, slotOf(source), slotOf(element), allowedKinds(derived[-1 - element]!.uses)]
}

interface Slots {
  readonly slotOf: (field: number) => number
  /** Offset of the keyset's pair. */
  readonly pair: number
  /** And of that of the keyset it belongs to. */
  readonly parentPair: number
}

function writeKeyset(image: Image, at: number, keyset: KernelKeyset, slots: Slots): PlanImage['dropCounters'] {
  const {slotOf, pair, parentPair} = slots
  const partsAt = image.reserve(keyset.parts.length * partBytes)
  for (const [index, {field}] of keyset.parts.entries())
    image.words(partsAt + index * partBytes, [slotOf(field), 0, 0, 0])
  const valuesAt = image.reserve(keyset.values.length * valueBytes)
  let state = groupHeaderBytes
  const quantiles = new Map<number | undefined, number>()
  for (const [index, value] of keyset.values.entries()) {
    const {operation, field, by, absent, limit, bounds} = value
    if (operation === 'quantile') quantiles.set(field, state)
    image.words(valuesAt + index * valueBytes, [
      operations.indexOf(operation),
      field === undefined ? 0 : slotOf(field),
      absent,
      operation === 'quantile-again' ? quantiles.get(field)! : state,
      0,
      by === undefined ? 0 : slotOf(by),
      operation === 'histogram' ? writeBounds(image, bounds) : limit,
      bounds.length,
    ])
    state += stateBytesOf(value)
  }
  image.words(at, [
    0,
    0,
    0,
    0,
    keyset.parts.length,
    image.addressOf(partsAt),
    keyset.values.length,
    image.addressOf(valuesAt),
    state - groupHeaderBytes,
    pair,
    writeCondition(image, keyset.condition, slotOf),
    parentPair,
    keyset.values.reduce((bytes, value) => bytes + writtenBytesMax(value), 0),
    keyset.values.every(hasFixedBytes) ? 0 : 1,
    0,
    0,
    0,
    0,
  ])
  return keyset.parts.map(({label}, index) => ({label, at: partsAt + index * partBytes + 8}))
}

/** Returns the address of a histogram's bounds. */
function writeBounds(image: Image, bounds: readonly number[]): number {
  const at = image.reserve(bounds.length * 8)
  for (const [index, bound] of bounds.entries()) image.number(at + index * 8, bound)
  return image.addressOf(at)
}

const testBytes = 48
const tests: readonly KernelTest['test'][] = [
  'and',
  'or',
  'not',
  'constant',
  'exists',
  'missing',
  'truth',
  'compare',
  'contains',
  'startsWith',
  'endsWith',
  'compareFields',
]
/** How a value may stand to a literal: less 1, equal 2, greater 4, in no order 8. */
const orders = {'==': 2, '!=': 1 | 4 | 8, '<': 1, '<=': 1 | 2, '>': 4, '>=': 4 | 2}

/** Returns the address of a condition's tests; 0 for none. */
function writeCondition(image: Image, condition: KernelTest | undefined, slotOf: Slots['slotOf']): number {
  return condition === undefined ? 0 : writeTest(image, condition, 0, slotOf)
}

/** @param next - address of the next operand */
function writeTest(image: Image, test: KernelTest, next: number, slotOf: Slots['slotOf']): number {
  const at = image.reserve(testBytes)
  const operands = 'operands' in test ? test.operands : 'operand' in test ? [test.operand] : []
  const first = operands.reduceRight((following, operand) => writeTest(image, operand, following, slotOf), 0)
  const literal = test.test === 'compare' ? test.literal : 'text' in test ? test.text : ''
  const text = new TextEncoder().encode(String(literal))
  const textAt = image.append(text)
  const number = test.test === 'compare' ? test.number : undefined
  image.number(at, number ?? 0)
  image.words(at + 8, [
    tests.indexOf(test.test),
    'field' in test ? slotOf(test.field) : 0,
    first,
    next,
    test.test === 'compareFields' ? slotOf(test.other) : image.addressOf(textAt),
    text.length,
    typeof literal === 'number' ? 1 : typeof literal === 'boolean' ? 2 : 0,
    number === undefined ? 0 : 1,
    'operator' in test ? orders[test.operator] : test.test === 'constant' && test.holds ? 1 : 0,
    'operator' in test && test.operator !== '==' && test.operator !== '!=' ? 1 : 0,
  ])
  return image.addressOf(at)
}

interface NameEntry {
  readonly context: number
  readonly name: string
  bit: number | undefined
  slot: number
  allowed: number
  child: number
  isRefused: boolean
  /** Says that an object is there; undefined: nobody asks. */
  objectBit: number | undefined
}

function writeName(image: Image, at: number, entry: NameEntry): void {
  const text = new TextEncoder().encode(entry.name)
  const textAt = image.append(text)
  const low = entry.bit !== undefined && entry.bit < 32 ? 1 << entry.bit : 0
  const high = entry.bit !== undefined && entry.bit >= 32 ? 1 << (entry.bit - 32) : 0
  image.words(at, [
    low,
    high,
    entry.context,
    image.addressOf(textAt),
    text.length,
    entry.slot,
    entry.allowed,
    entry.child,
    entry.isRefused ? 1 : 0,
    entry.objectBit === undefined ? 0 : entry.objectBit + 1,
  ])
}

/** The names on the way to all fields, by the object that they are members of: context 0 is the record. */
export class NameTree {
  readonly list: NameEntry[] = []
  #contextCount = 1
  #bitCount: number

  constructor(fields: readonly KernelField[], slotOf: (field: number) => number) {
    this.#bitCount = fields.length
    for (const [index, field] of fields.entries()) this.#addField(field, index, slotOf(index))
  }

  /** Lines with a member of this name go to the row path. */
  refuse(name: string): void {
    this.#entryOf(0, name).isRefused = true
  }

  /** The bit that tells whether the object at the end of these names is there. */
  objectBitOf(segments: readonly string[]): number {
    const context = segments.slice(0, -1).reduce((outer, segment) => this.#entryOf(outer, segment).child, 0)
    const entry = this.#entryOf(context, segments.at(-1)!)
    entry.objectBit ??= this.#bitCount++
    return entry.objectBit
  }

  #addField({paths, segments, uses}: KernelField, index: number, slot: number): void {
    // A member with the path's very name would win over the nested one.
    for (const path of paths) this.refuse(path)
    let context = 0
    for (const segment of segments.slice(0, -1)) {
      const entry = this.#entryOf(context, segment)
      entry.bit ??= this.#bitCount++
      if (entry.child === 0) entry.child = this.#contextCount++
      context = entry.child
    }
    const entry = this.#entryOf(context, segments.at(-1)!)
    // An object on the way that is also needed by itself keeps one bit: its field's.
    entry.bit = index
    entry.slot = slot
    entry.allowed = allowedKinds(uses)
  }

  #entryOf(context: number, name: string): NameEntry {
    const known = this.list.find(entry => entry.context === context && entry.name === name)
    if (known !== undefined) return known
    const entry: NameEntry = {
      ...{context, name, bit: undefined, objectBit: undefined},
      ...{slot: 0, allowed: 0, child: 0, isRefused: false},
    }
    this.list.push(entry)
    return entry
  }
}

/** A growing piece of memory; places in it are multiples of 8 from its beginning. */
export class Image {
  readonly #base: number
  #bytes = new Uint8Array(1024)
  #length = 0

  constructor(base: number) {
    assert(base % 8 === 0, 'the plan image lies at a multiple of 8')
    this.#base = base
  }

  addressOf(place: number): number {
    return this.#base + place
  }

  reserve(count: number): number {
    const place = this.#length
    this.#length = (place + count + 7) & ~7
    if (this.#length > this.#bytes.length) {
      const grown = new Uint8Array(this.#length * 2)
      grown.set(this.#bytes)
      this.#bytes = grown
    }
    return place
  }

  append(bytes: Uint8Array): number {
    const place = this.reserve(bytes.length)
    this.#bytes.set(bytes, place)
    return place
  }

  words(place: number, words: readonly number[]): void {
    const view = new DataView(this.#bytes.buffer)
    for (const [index, word] of words.entries()) view.setUint32(place + index * 4, word, true)
  }

  long(place: number, value: bigint): void {
    new DataView(this.#bytes.buffer).setBigInt64(place, value, true)
  }

  number(place: number, value: number): void {
    new DataView(this.#bytes.buffer).setFloat64(place, value, true)
  }

  bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length)
  }
}
