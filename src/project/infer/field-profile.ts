/** What has been seen of one field so far. */
import {compareText} from '../../base/index.ts'
import {inferExampleCountMax, inferValueCharsMax} from '../limits.ts'
import {kindOfValue, type ValueKind} from './value-kind.ts'

export interface FieldProfile {
  readonly name: string
  /** Values of each kind; `empty` are null and empty text, absent ones are not counted here. */
  readonly counts: Record<ValueKind, number>
  /** Numbers and booleans that stand as text. */
  numberTexts: number
  /** The different values, as text cut to a length that still tells them apart in practice. */
  readonly distinct: Set<string>
  readonly examples: string[]
  numberMin: number
  numberMax: number
  /** Spelling of the extremes, which keeps all digits. */
  numberMinText: string
  numberMaxText: string
  textMin: string | undefined
  textMax: string | undefined
  charsMax: number
}

/** Of a field that no value was seen of yet. */
export function emptyProfile(name: string): FieldProfile {
  return {
    name,
    counts: {empty: 0, boolean: 0, integer: 0, decimal: 0, 'date-time': 0, text: 0, list: 0},
    numberTexts: 0,
    distinct: new Set(),
    examples: [],
    numberMin: Number.POSITIVE_INFINITY,
    numberMax: Number.NEGATIVE_INFINITY,
    numberMinText: '',
    numberMaxText: '',
    textMin: undefined,
    textMax: undefined,
    charsMax: 0,
  }
}

/** Takes one value of the field into account. */
export function addToProfile(profile: FieldProfile, value: unknown): void {
  const kind = kindOfValue(value)
  profile.counts[kind]++
  if (kind === 'empty') return
  const whole = textOf(value)
  const text = whole.slice(0, inferValueCharsMax)
  profile.charsMax = Math.max(profile.charsMax, whole.length)
  if (!profile.distinct.has(text)) {
    profile.distinct.add(text)
    if (profile.examples.length < inferExampleCountMax) profile.examples.push(text)
  }
  if (kind === 'integer' || kind === 'decimal') addNumber(profile, text, typeof value === 'string')
  else if (kind !== 'list') addText(profile, text)
}

function addNumber(profile: FieldProfile, text: string, isText: boolean): void {
  if (isText) profile.numberTexts++
  const number = Number(text)
  if (number < profile.numberMin) {
    profile.numberMin = number
    profile.numberMinText = text
  }
  if (number > profile.numberMax) {
    profile.numberMax = number
    profile.numberMaxText = text
  }
}

function addText(profile: FieldProfile, text: string): void {
  if (profile.textMin === undefined || compareText(text, profile.textMin) < 0) profile.textMin = text
  if (profile.textMax === undefined || compareText(text, profile.textMax) > 0) profile.textMax = text
}

function textOf(value: unknown): string {
  if (!Array.isArray(value)) return String(value)
  try {
    return JSON.stringify(value, (_, item) => (typeof item === 'bigint' ? String(item) : item))
  } catch (error) {
    if (error instanceof RangeError) return '[…]' // nested too deep to be written
    throw error
  }
}
