/** What most lines look like: the bytes between their values, and the values' kinds. */
import {kinds} from '../kinds.ts'
import {usualShareMin} from '../limits.ts'
import {isPlainText, type JsonLine, jsonLine, type Span} from './json-spans.ts'
import type {UsualFields} from './usual-exchange.ts'

/** A value whose bytes differ from line to line, and what stands between it and the one before it. */
export interface UsualValue {
  /** Quotes are part of it, but for a value of kind `any`. */
  readonly step: Uint8Array
  /** `any`: of several kinds, or an object or list that nobody needs and whose shape differs. */
  readonly kind: 'text' | 'number' | 'literal' | 'any'
  /** Offset of its slot in a line area; 0: nobody needs it. */
  readonly slot: number
  /** As in Name (assembly/layout.ts). */
  readonly allowed: number
  /** Bytes that hardly one of its values is longer than. */
  readonly bytesMost: number
  /** Of text: there are escapes, or more than ASCII. Of numbers: some are below zero. */
  readonly isMixed: boolean
  /** Of numbers: some have a point. */
  readonly hasPoints: boolean
}

export interface UsualLine {
  readonly values: readonly UsualValue[]
  /** Behind the last value, the newline with it. */
  readonly end: Uint8Array
  /** Slots of needed fields that it has not. */
  readonly absent: readonly number[]
  /** The bits of all names and objects that it has: what `finishLine` (assembly/json-line.ts) finds of such a line. */
  readonly bits: bigint
}

/** What the plan needs to know of a name, as in assembly/layout.ts. */
export interface NeededName {
  readonly context: number
  readonly name: string
  readonly bit: number | undefined
  readonly slot: number
  readonly allowed: number
  readonly child: number
  readonly isRefused: boolean
  readonly objectBit: number | undefined
}

/**
 * @param lines - a sample, each with its newline
 * @param names - what is needed of them
 * @param slots - of all needed fields
 * @returns undefined: the lines differ too much, or what most of them look like is not for code of its own
 */
export function usualLine(
  lines: readonly Uint8Array[],
  names: readonly NeededName[],
  slots: readonly number[],
): UsualLine | undefined {
  const sample = lines.flatMap(line => jsonLine(line) ?? [])
  const opaque = opaqueKeys(sample, names)
  const shapes = sample.map(line => shapeOf(line, opaque))
  const usual = most(shapes.map(({signature}) => signature))
  if (usual === undefined || usual.count < lines.length * usualShareMin) return undefined
  const alike = shapes.filter(({signature}) => signature === usual.item)
  const first = alike[0]!
  const needed: Needed = {byValue: new Map(), seen: new Set(), bits: 0n}
  if (!noteNeeded(first.line.root, 0, names, needed)) return undefined
  const kindsFound = first.values.map((_, index) => commonKind(alike, index))
  const quoteBehind = (index: number): string => (kindsFound[index] === 'text' ? '"' : '')
  const values = first.values.map((value, index): UsualValue => {
    const {slot = 0, allowed = 0} = needed.byValue.get(value) ?? {}
    const kind = kindsFound[index]!
    const step = `${quoteBehind(index - 1)}${first.steps[index]!}${quoteBehind(index)}`
    const bytesMost = bytesOfMost(alike.map(({values}) => values[index]!)) - quoteBehind(index).length * 2
    return {
      step: Buffer.from(step, 'latin1'),
      kind,
      slot,
      allowed,
      bytesMost,
      isMixed: isMixed(alike, index, kind),
      hasPoints: hasPoints(alike, index),
    }
  })
  const have = new Set(values.map(({slot}) => slot))
  return {
    ...{values, absent: slots.filter(slot => !have.has(slot)), bits: needed.bits},
    end: Buffer.from(`${quoteBehind(values.length - 1)}${first.steps.at(-1)!}`, 'latin1'),
  }
}

/** Of a field's number: those behind have no bit, and nothing is known of them. */
const fieldsMax = 64

/** What is so of the needed fields in every line that is taken as usual. @param slots - of all of them, by number */
export function usualFields({values, absent}: UsualLine, slots: readonly number[]): UsualFields {
  const bitsOf = (are: (slot: number) => boolean): bigint =>
    slots.slice(0, fieldsMax).reduce((bits, slot, field) => (are(slot) ? bits | (1n << BigInt(field)) : bits), 0n)
  const slotsOf = (...kinds: readonly UsualValue['kind'][]): readonly number[] =>
    values.flatMap(({kind, slot}) => (kinds.includes(kind) ? [slot] : []))
  const present = slotsOf('text', 'number')
  const numeric = [...slotsOf('number'), ...absent]
  return {present: bitsOf(slot => present.includes(slot)), numeric: bitsOf(slot => numeric.includes(slot))}
}

/** Of the values of that number. */
function commonKind(alike: readonly Shape[], index: number): UsualValue['kind'] {
  const {kind} = alike[0]!.values[index]!
  if (kind === 'object' || kind === 'list') return 'any'
  return alike.every(({values}) => values[index]!.kind === kind) ? kind : 'any'
}

function isMixed(alike: readonly Shape[], index: number, kind: UsualValue['kind']): boolean {
  return alike.some(({line, values}) => {
    const {from, to} = values[index]!
    if (kind === 'number') return line.text.startsWith('-', from)
    return kind === 'text' && !line.isPlain && !isPlainText(line.text.slice(from + 1, to - 1))
  })
}

function hasPoints(alike: readonly Shape[], index: number): boolean {
  return alike.some(({line, values}) => line.text.slice(values[index]!.from, values[index]!.to).includes('.'))
}

/** The length that nineteen of twenty values keep to. */
function bytesOfMost(spans: readonly Span[]): number {
  const lengths = spans.map(({from, to}) => to - from).sort((a, b) => a - b)
  return lengths[Math.floor((lengths.length - 1) * 0.95)]!
}

interface Shape {
  readonly line: JsonLine
  readonly values: readonly Span[]
  /** In front of each value, and behind the last one. */
  readonly steps: readonly string[]
  /** The same for lines that differ only in their values. */
  readonly signature: string
}

/** Objects and lists by their places: a text for each name on the way there. */
type Keys = ReadonlySet<string>

/** Of the record, from the line's beginning to its end; or of something in it. */
function shapeOf(line: JsonLine, opaque: Keys, root = line.root, key = ''): Shape {
  const values: Span[] = []
  addValues(root, key, opaque, values)
  const isLine = root === line.root
  const steps: string[] = []
  let at = isLine ? 0 : root.from
  for (const {from, to} of values) {
    steps.push(line.text.slice(at, from))
    at = to
  }
  steps.push(line.text.slice(at, isLine ? line.text.length : root.to))
  return {line, values, steps, signature: steps.join('\n')}
}

/** Adds the values to be read one by one: those in objects and lists are, unless they are opaque. */
function addValues(span: Span, key: string, opaque: Keys, values: Span[]): void {
  if (span.children.length === 0 || opaque.has(key)) {
    values.push(span)
    return
  }
  for (const child of span.children) addValues(child, keyOf(key, child), opaque, values)
}

/** Only those of objects and lists matter. */
function keyOf(above: string, {name, children}: Span): string {
  return children.length === 0 ? '' : `${above}\n${name}`
}

interface Container {
  readonly key: string
  readonly depth: number
  readonly found: {readonly line: JsonLine; readonly span: Span}[]
}

/** Objects and lists that are not alike in most lines: they are checked as a whole. */
function opaqueKeys(sample: readonly JsonLine[], names: readonly NeededName[]): Keys {
  const containers = new Map<string, Container>()
  const collect = (line: JsonLine, above: Span, aboveKey: string, depth: number, context: number | undefined): void => {
    for (const span of above.children) {
      if (span.children.length === 0) continue
      const key = keyOf(aboveKey, span)
      const child = names.find(one => one.context === context && one.name === span.name)?.child || undefined
      collect(line, span, key, depth + 1, child)
      // What is on the way to a needed field is read member by member.
      if (child !== undefined) continue
      const container = containers.get(key) ?? {key, depth, found: []}
      container.found.push({line, span})
      containers.set(key, container)
    }
  }
  for (const line of sample) collect(line, line.root, '', 0, 0)
  const opaque = new Set<string>()
  for (const {key, found} of [...containers.values()].sort((a, b) => b.depth - a.depth)) {
    const signatures = found.map(({line, span}) => shapeOf(line, opaque, span, key).signature)
    // A line that has none of it is not like the others, either.
    if (most(signatures)!.count < sample.length * usualShareMin) opaque.add(key)
  }
  return opaque
}

interface Needed {
  readonly byValue: Map<Span, NeededName>
  readonly seen: Set<NeededName>
  bits: bigint
}

/**
 * Notes which members of an object are needed.
 *
 * @returns false when a line like this is not taken by its usual values alone: a name twice, a refused one, an object or list that is
 * needed as a whole, a kind that is not allowed
 */
function noteNeeded(object: Span, context: number, names: readonly NeededName[], needed: Needed): boolean {
  return object.children.every(child => {
    const entry = names.find(one => one.context === context && one.name === child.name)
    if (entry === undefined) return true
    if (entry.isRefused || needed.seen.has(entry)) return false
    needed.seen.add(entry)
    needed.bits |= bitOf(entry.bit)
    if (entry.child !== 0) {
      needed.bits |= bitOf(entry.objectBit)
      const isObject = child.kind === 'object' && child.children.length > 0
      return entry.slot === 0 && isObject && noteNeeded(child, entry.child, names, needed)
    }
    if (entry.slot !== 0) needed.byValue.set(child, entry)
    return entry.slot === 0 || isAllowed(child, entry.allowed)
  })
}

const bitOf = (bit: number | undefined): bigint => (bit === undefined ? 0n : 1n << BigInt(bit))

/** Literals are asked one by one, by the code. */
function isAllowed({kind}: Span, allowed: number): boolean {
  if (kind === 'object' || kind === 'list') return false
  return kind === 'literal' || ((allowed >> kinds[kind]) & 1) !== 0
}

function most(items: readonly string[]): {readonly item: string; readonly count: number} | undefined {
  const counts = new Map<string, number>()
  for (const item of items) counts.set(item, (counts.get(item) ?? 0) + 1)
  const [first] = [...counts].sort(([, a], [, b]) => b - a)
  return first === undefined ? undefined : {item: first[0], count: first[1]}
}
