/** Records as their fields are proposed: JSON that is text in a field is read, times without a year get one. */
import {parseJson} from '../../base/index.ts'
import {type Parts, withYear} from '../../rules/index.ts'

/** Records that decide whether a field holds JSON. */
export const wrapSampleCount = 100

/** Programs print other lines, too. */
const wrappedShareMin = 0.5

/** Reads records one after the other. Call `unwrap` before the first. */
export class RecordReader {
  readonly #withYear: ReturnType<typeof withYear> | undefined
  wrapped: readonly string[] = []
  /** A time without a year was read. */
  isYearless = false

  /** @param lastDay - of times without a year; undefined: they stay as they are */
  constructor(lastDay: string | undefined) {
    this.#withYear = lastDay === undefined ? undefined : withYear(lastDay)
  }

  /** @param fields - whose JSON is to be read */
  unwrap(fields: readonly string[]): void {
    this.wrapped = fields
  }

  read(parts: Parts): Parts {
    if (this.wrapped.length === 0 && this.#withYear === undefined) return parts
    const read = {...parts}
    for (const field of this.wrapped) read[field] = unwrapped(parts[field])
    if (this.#withYear !== undefined) {
      read['time'] = this.#withYear(parts['time'])
      this.isYearless ||= read['time'] !== parts['time']
    }
    return read
  }
}

/** Fields of which most texts are JSON objects. */
export function wrappedFields(records: readonly Parts[]): string[] {
  const counts = new Map<string, {texts: number; objects: number}>()
  for (const parts of records) {
    for (const [field, value] of Object.entries(parts)) {
      // A path would mean something else.
      if (typeof value !== 'string' || value === '' || /[.[\]]/.test(field)) continue
      const count = counts.get(field) ?? {texts: 0, objects: 0}
      count.texts++
      if (typeof unwrapped(value) === 'object') count.objects++
      counts.set(field, count)
    }
  }
  return [...counts].filter(([, {texts, objects}]) => objects >= texts * wrappedShareMin).map(([field]) => field)
}

/** As the step `parseJson` reads it, but objects alone. */
function unwrapped(value: unknown): unknown {
  if (typeof value !== 'string' || !/^\s*\{/.test(value)) return value
  try {
    return parseJson(value)
  } catch {
    // Not JSON after all.
    return value
  }
}
