/** What fields of JSON lines are in all records, for the statistics of a chunk. Read by the reader that rules use. */
import {compareText} from '../base/index.ts'
import {
  type ChunkFacts,
  type FieldFacts,
  type FieldRange,
  type Scalar,
  type TextTimes,
  timeOfText,
} from '../rules/index.ts'
import {makeReader} from './readers/index.ts'

/** Bytes read between two turns of the event loop: a few milliseconds. */
const sliceBytes = 1 << 20

/** A longer text as an end of a range would make footers long; its field has no range. UTF-16 units. */
const rangeTextMax = 256

/** More different values than these, or a longer one, and a field is told by a range: each is asked for by each condition. */
const valueCountMax = 16
const valueTextMax = 64

/** Names that are listed in a footer, and UTF-16 units of all of them; beyond, records are of too many kinds. */
const nameCountMax = 256
const nameUnitsMax = 8192

/**
 * Reads a whole chunk.
 *
 * @param names - top-level fields that are looked at
 * @param giveWay - waited for after each slice of bytes
 * @returns facts of those fields of which something is known, and the names that records have; undefined when a line is no record
 */
export async function chunkFacts(
  bytes: Uint8Array,
  names: readonly string[],
  giveWay: () => Promise<unknown>,
): Promise<ChunkFacts | undefined> {
  let isClean = true
  const spoil = (): void => {
    isClean = false
  }
  const fields = names.map(name => ({name, seen: new SeenValues()}))
  const known = new SeenNames()
  const record = (parts: Readonly<Record<string, unknown>>): void => {
    known.add(parts)
    for (const {name, seen} of fields) seen.add(Object.hasOwn(parts, name) ? parts[name] : undefined)
  }
  const reader = makeReader({format: 'json'}, {record, bad: spoil, skipped: spoil}, {isFirst: true})
  for (let start = 0; start < bytes.length && isClean; start += sliceBytes) {
    reader.push(bytes.subarray(start, start + sliceBytes))
    await giveWay()
  }
  if (isClean) reader.end()
  if (!isClean) return undefined
  const told = fields.flatMap(({name, seen}): [string, FieldFacts][] => {
    const facts = seen.facts()
    return facts === undefined ? [] : [[name, facts]]
  })
  return {fields: new Map(told), names: known.names()}
}

class SeenNames {
  readonly #names = new Set<string>()
  #isOpen = false

  add(parts: Readonly<Record<string, unknown>>): void {
    if (this.#isOpen) return
    for (const name of Object.keys(parts)) this.#names.add(name)
    if (this.#names.size > nameCountMax) this.#isOpen = true
  }

  names(): ReadonlySet<string> | undefined {
    const units = [...this.#names].reduce((sum, {length}) => sum + length, 0)
    return this.#isOpen || units > nameUnitsMax ? undefined : this.#names
  }
}

interface Ends<Value> {
  min: Value
  max: Value
}

class SeenValues {
  /** Undefined: they are too many. */
  #values: Set<Scalar> | undefined = new Set()
  #numbers: Ends<number> | undefined
  #texts: Ends<string> | undefined
  #times: {kind: TextTimes['kind']; from: number; to: number} | 'none' | undefined
  readonly #others = new Set<boolean | null>()
  #isOptional = false
  /** A value came that has no place among others. */
  #isOpen = false
  #last: unknown

  add(value: unknown): void {
    if (this.#isOpen || (value !== undefined && Object.is(value, this.#last))) return
    this.#last = value
    switch (typeof value) {
      case 'undefined':
        this.#isOptional = true
        return
      case 'number':
        this.#number(value)
        break
      case 'string':
        this.#text(value)
        break
      case 'boolean':
        this.#others.add(value)
        break
      default:
        if (value === null) this.#others.add(value)
        else this.#isOpen = true
    }
    this.#list(value as Scalar)
  }

  facts(): FieldFacts | undefined {
    const isOptional = this.#isOptional
    if (this.#isOpen) return undefined
    if (this.#values !== undefined) return {values: [...this.#values], isOptional}
    const range = this.#range()
    return range === undefined ? undefined : {values: [...this.#others], range, isOptional}
  }

  #number(value: number): void {
    // Text that overflows a double has no place, and what a zero's sign does is nobody's to say.
    if (!Number.isFinite(value)) this.#isOpen = true
    if (Object.is(value, -0)) this.#values = undefined
    const ends = this.#numbers
    if (ends === undefined) this.#numbers = {min: value, max: value}
    else if (value < ends.min) ends.min = value
    else if (value > ends.max) ends.max = value
  }

  #text(value: string): void {
    const ends = this.#texts
    if (ends === undefined) this.#texts = {min: value, max: value}
    else if (compareText(value, ends.min) < 0) ends.min = value
    else if (compareText(value, ends.max) > 0) ends.max = value
    this.#time(value)
  }

  #time(value: string): void {
    const times = this.#times
    if (times === 'none') return
    const time = timeOfText(value)
    if (time === undefined || (times !== undefined && times.kind !== time.kind)) this.#times = 'none'
    else if (times === undefined) this.#times = {kind: time.kind, from: time.seconds, to: time.seconds}
    else if (time.seconds < times.from) times.from = time.seconds
    else if (time.seconds > times.to) times.to = time.seconds
  }

  #list(value: Scalar): void {
    const values = this.#values
    if (values === undefined) return
    values.add(value)
    const isLong = typeof value === 'string' && value.length > valueTextMax
    if (isLong || values.size > valueCountMax) this.#values = undefined
  }

  /** Of all numbers, or of all texts; undefined where there are both, or neither. */
  #range(): FieldRange | undefined {
    const [numbers, texts, times] = [this.#numbers, this.#texts, this.#times]
    if (texts === undefined) return numbers === undefined ? undefined : {type: 'number', ...numbers}
    if (numbers !== undefined || Math.max(texts.min.length, texts.max.length) > rangeTextMax) return undefined
    return {type: 'text', ...texts, ...(times === undefined || times === 'none' ? {} : {times})}
  }
}
