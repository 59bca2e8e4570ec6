/** From a profile to what is proposed to the author of a rule. */

import {isCodeName, isIdName, isPlaceName, isTimeName} from './field-names.ts'
import type {FieldProfile} from './field-profile.ts'
import {dateTimeMs} from './value-kind.ts'

export type FieldType = 'integer' | 'decimal' | 'text' | 'boolean' | 'timestamp' | 'list' | 'empty'
/**
 * What the field is good for: `key` group by it, `value` add it up, `flag` either, `time` hour() or day() of it,
 * `id` distinct() of it, `constant` always the same, `other` nothing obvious.
 */
export type FieldRole = 'key' | 'value' | 'flag' | 'time' | 'id' | 'constant' | 'other'
/** `mixed`: texts with a date and numbers since 1970, as logs of several programs have them. */
export type TimestampForm = 'ISO 8601' | 'access log' | 'mixed' | 's' | 'ms' | 'us' | 'ns'

export interface InferredField {
  /** Dotted for nested objects, as rules spell it. */
  readonly name: string
  readonly type: FieldType
  readonly role: FieldRole
  /** How a timestamp is written: a text form, or the unit of a number since 1970. */
  readonly timestamp?: TimestampForm
  /** Share (0..1) of the records in which the field is absent, null or empty text. */
  readonly nullShare: number
  /** Share (0..1) of the other values that are not of `type`, such as `n/a` among numbers. */
  readonly oddShare: number
  /** Numbers or booleans written as text. */
  readonly isQuoted: boolean
  /** Different values among the records looked at. */
  readonly distinct: number
  readonly examples: readonly string[]
  /** Smallest and largest value, with all digits; texts by code point. Undefined for lists and empty fields. */
  readonly min: string | undefined
  readonly max: string | undefined
}

/** Share of values that must agree on a type; a few `n/a` among numbers do not make a field text. */
const typeShareMin = 0.95
/** A key of more different values than this makes a table that nobody reads. */
const keyDistinctMax = 2_000
/** A text of more characters than this is prose, not a key. */
const keyCharsMax = 100
/** Records from which on a number that is always the same is taken for a setting (a version), not for something to add up. */
const constantRecordCountMin = 20
/** Digits beyond which a whole number is an identifier: nobody counts that far. */
const measureDigitsMax = 15

/** @param records - records looked at, at least 1; those without the field count as empty */
export function inferField(profile: FieldProfile, records: number): InferredField {
  const {counts} = profile
  const present = counts.boolean + counts.integer + counts.decimal + counts['date-time'] + counts.text + counts.list
  const timestamp = timestampForm(profile, present)
  const type = timestamp === undefined ? typeOf(profile, present) : 'timestamp'
  const isNumber = type === 'integer' || type === 'decimal' || (type === 'timestamp' && counts['date-time'] === 0)
  return {
    name: profile.name,
    type,
    role: roleOf(profile, type, records, present),
    ...(timestamp === undefined ? {} : {timestamp}),
    nullShare: (records - present) / records,
    oddShare: present === 0 ? 0 : 1 - agreeing(profile, type) / present,
    isQuoted: profile.numberTexts > 0 && isNumber,
    distinct: profile.distinct.size,
    examples: profile.examples,
    min: isNumber ? profile.numberMinText : profile.textMin,
    max: isNumber ? profile.numberMaxText : profile.textMax,
  }
}

/** A list whose elements have fields: each of them may be a record. */
export function isObjectList({type, examples}: Pick<InferredField, 'type' | 'examples'>): boolean {
  return type === 'list' && examples.some(example => example.startsWith('[{'))
}

/** Hours between the smallest and the largest timestamp; undefined when that cannot be told. */
export function hoursSpanned(field: InferredField): number | undefined {
  const from = instantMs(field, field.min)
  const to = instantMs(field, field.max)
  return from === undefined || to === undefined ? undefined : (to - from) / 3_600_000
}

function instantMs(field: InferredField, text: string | undefined): number | undefined {
  if (text === undefined || field.timestamp === undefined || field.timestamp === 'mixed') return undefined
  const perMs = {s: 0.001, ms: 1, us: 1_000, ns: 1_000_000}
  const unit = field.timestamp
  return unit === 'ISO 8601' || unit === 'access log' ? dateTimeMs(text) : Number(text) / perMs[unit]
}

function typeOf(profile: FieldProfile, present: number): FieldType {
  if (present === 0) return 'empty'
  const enough = present * typeShareMin
  const {counts} = profile
  if (counts.boolean >= enough) return 'boolean'
  if (counts.integer === present || (counts.integer >= enough && counts.decimal === 0)) return 'integer'
  if (counts.integer + counts.decimal >= enough) return 'decimal'
  return counts.list >= enough ? 'list' : 'text'
}

function agreeing(profile: FieldProfile, type: FieldType): number {
  const {counts} = profile
  switch (type) {
    case 'boolean':
      return counts.boolean
    case 'integer':
      return counts.integer
    case 'decimal':
      return counts.integer + counts.decimal
    case 'timestamp':
      return timestampForm(profile, sumOf(profile)) === 'mixed' || counts['date-time'] === 0
        ? counts.integer + counts['date-time']
        : counts['date-time']
    case 'list':
      return counts.list
    default:
      // Every scalar is a text when need be.
      return profile.counts.list === 0 ? sumOf(profile) : sumOf(profile) - counts.list
  }
}

function sumOf({counts}: FieldProfile): number {
  return counts.boolean + counts.integer + counts.decimal + counts['date-time'] + counts.text + counts.list
}

function timestampForm(profile: FieldProfile, present: number): TimestampForm | undefined {
  const {counts} = profile
  if (present === 0) return undefined
  if (counts['date-time'] >= present * typeShareMin) {
    return profile.examples.some(example => /^\d\d\//.test(example)) ? 'access log' : 'ISO 8601'
  }
  // A bare number is a time only when its name says so: ids and amounts have the same sizes.
  if (counts.decimal > 0 || !isTimeName(profile.name)) return undefined
  if (counts.integer + counts['date-time'] < present * typeShareMin) return undefined
  const unit = unitOf(profile.numberMin)
  if (unit === undefined || unit !== unitOf(profile.numberMax)) return undefined
  return counts.integer >= present * typeShareMin ? unit : 'mixed'
}

/** The unit in which a number lies between 1990 and 2100. */
function unitOf(value: number): 's' | 'ms' | 'us' | 'ns' | undefined {
  const units = [
    ['s', 1],
    ['ms', 1e3],
    ['us', 1e6],
    ['ns', 1e9],
  ] as const
  return units.find(([, perSecond]) => value >= 631_152_000 * perSecond && value < 4_102_444_800 * perSecond)?.[0]
}

function roleOf(profile: FieldProfile, type: FieldType, records: number, present: number): FieldRole {
  const distinct = profile.distinct.size
  const isConstant = distinct === 1 && present === records && records >= constantRecordCountMin
  switch (type) {
    case 'empty':
    case 'list':
      return 'other'
    case 'timestamp':
      return 'time'
    case 'boolean':
      return distinct > 1 ? 'flag' : 'constant'
    case 'decimal':
      if (isConstant) return 'constant'
      return isPlaceName(profile.name) ? 'other' : 'value'
    case 'integer': {
      if (isConstant) return 'constant'
      const isLong = Math.max(profile.numberMinText.length, profile.numberMaxText.length) > measureDigitsMax
      if (!isLong && !isIdName(profile.name) && !isCodeName(profile.name)) return 'value'
      return keyOrId(profile, records, present)
    }
    default:
      return keyOrId(profile, records, present)
  }
}

function keyOrId(profile: FieldProfile, records: number, present: number): FieldRole {
  const distinct = profile.distinct.size
  if (profile.charsMax > keyCharsMax) return 'other'
  // Constant means the same everywhere: one value that is sometimes absent still divides the records.
  if (distinct === 1) return records > 1 && present === records ? 'constant' : 'key'
  const repeats = distinct <= Math.max(present / 5, Math.min(present, 50) * 0.7)
  if (repeats && distinct <= keyDistinctMax) return 'key'
  return distinct > present / 2 ? 'id' : 'other'
}
