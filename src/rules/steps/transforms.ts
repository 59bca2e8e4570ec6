/** Built-in transforms as rules name them: functions of one value that carry their plan node. */
import {didYouMean, InvariantError} from '../../base/index.ts'
import {compilePattern} from '../patterns/index.ts'
import type {TransformNode} from '../plan.ts'
import {isRealDay} from '../text-formats.ts'
import {checkZone} from '../time-zone.ts'
import {type Derived, planNode, type TransformFunction, type TransformStep} from '../types.ts'
import {checkField, checkInteger, checkOptions, checkText, refuse, show} from './check-arguments.ts'
import {compileTransform} from './compile-transform.ts'
import {derived, derivedOf} from './derived.ts'
import {everyMinutes} from './every-minutes.ts'

/** No column is wider, and padding makes text that long for every record. */
const widthMax = 1000
const lengthMax = 1_000_000_000
/** SHA-256 has 64 hexadecimal digits; half of them make clashes impossible in practice (one in 10^20 among a billion values). */
const hashDigitsMax = 64
const hashDigitsDefault = 32

/** Wraps a node so that it also works as a plain function. What it needs (patterns, time zones) is made at the first call. */
function transformStep(node: TransformNode): TransformStep {
  let compiled: TransformFunction | undefined
  const step = (value: unknown): unknown => {
    compiled ??= compileTransform(node, refuseFunction)
    return compiled(value)
  }
  return Object.assign(step, {[planNode]: node} as const)
}

function refuseFunction(): never {
  throw new InvariantError('a built-in transform has no functions of the rule')
}

/**
 * Integers, and text whose value is one: `11056`, `"011056"`, `" +7 "`, `"5.0"`, `"1e3"`. Everything else becomes 0: fractions, rubbish,
 * null. Integers beyond 2^53 keep all digits (as bigint).
 */
export const toInt: TransformStep = transformStep({transform: 'toInt'})
/** Numbers and numeric text as a double; everything else, null too, becomes 0. */
export const toFloat: TransformStep = transformStep({transform: 'toFloat'})
/** Lower case, independent of the machine's language. Null stays null. */
export const lower: TransformStep = transformStep({transform: 'lower'})
/** Upper case, independent of the machine's language. Null stays null. */
export const upper: TransformStep = transformStep({transform: 'upper'})
/** Runs of anything but ASCII letters, digits and underscore become one blank; trimmed; lower case. Null stays null. */
export const alphanumeric: TransformStep = transformStep({transform: 'alphanumeric'})
/** The host of a URL in lower case, without user and port; also of `example.com/path`. Null for what is no URL. */
export const urlHost: TransformStep = transformStep({transform: 'urlHost'})
/** IPv4 with a last octet of 0, IPv6 cut to its first 48 bits (`2001:db8:85a3::`). Null for what is no address. */
export const truncateIp: TransformStep = transformStep({transform: 'truncateIp'})

/** The first `length` characters (Unicode code points). Null stays null. */
export function trimTo(length: number): TransformStep {
  checkInteger('trimTo', 'the length', length, 0, lengthMax)
  return transformStep({transform: 'trimTo', length})
}

/** The integer (as toInt reads it) padded on the left to `width`, with blanks unless another character is given. Null stays null. */
export function padInt(width: number, fill = ' '): TransformStep {
  checkInteger('padInt', 'the width', width, 1, widthMax)
  checkText('padInt', 'the fill', fill)
  if ([...fill].length !== 1) refuse('padInt', `the fill is ${show(fill)}, expected one character`)
  return transformStep({transform: 'padInt', width, fill})
}

/**
 * Replaces every match of a pattern (RE2 syntax, linear time). In the replacement `$1` is a group, `$<name>` a named one, `$&` the
 * match, `$$` a dollar sign. Null stays null.
 */
export function replace(pattern: string, replacement: string): TransformStep {
  checkText('replace', 'the pattern', pattern)
  checkText('replace', 'the replacement', replacement)
  compilePattern(pattern)
  return transformStep({transform: 'replace', pattern, replacement})
}

/**
 * The part of the text that a pattern (RE2 syntax, linear time) finds first: a group by number or name; without one the first group,
 * or the whole match of a pattern without groups. Null without a match.
 */
export function extract(pattern: string, group?: number | string): TransformStep {
  checkText('extract', 'the pattern', pattern)
  const {groupCount, groupNames} = compilePattern(pattern)
  const chosen = group ?? (groupCount > 0 ? 1 : 0)
  const names = [...groupNames.keys()]
  if (
    typeof chosen === 'string'
      ? !names.includes(chosen)
      : !Number.isInteger(chosen) || chosen < 0 || chosen > groupCount
  ) {
    const suggestion = typeof chosen === 'string' ? didYouMean(chosen, names) : ''
    refuse(
      'extract',
      `the pattern ${show(pattern)} has no group ${show(chosen)}.${suggestion}`,
      `it has ${groupCount} groups besides 0, the match`,
    )
  }
  return transformStep({transform: 'extract', pattern, group: chosen})
}

/**
 * A pseudonym: the first `length` hexadecimal digits (32 unless given) of SHA-256 over salt and text. Same salt, same pseudonym;
 * keep the salt secret, or short values such as addresses can be found by trying. Null stays null.
 */
export function hashed(options: {readonly salt: string; readonly length?: number}): TransformStep {
  checkOptions('hashed', options, ['salt', 'length'])
  const {salt, length = hashDigitsDefault} = options
  checkText('hashed', 'the salt', salt)
  checkInteger('hashed', 'the length', length, 1, hashDigitsMax)
  return transformStep({transform: 'hashed', salt, length})
}

/**
 * A time without a year (`Nov 24 10:39:39`, as syslog writes it) with the last year in which its date is not after `lastDay`:
 * `2026-11-24 10:39:39`. Everything else stays as it is.
 *
 * @param lastDay - `YYYY-MM-DD`
 */
export function withYear(lastDay: string): TransformStep {
  checkText('withYear', 'the last day', lastDay)
  if (!isRealDay(lastDay)) refuse('withYear', `the last day is ${show(lastDay)}, expected a date like 2026-11-24`)
  return transformStep({transform: 'withYear', lastDay})
}

type TimeUnit = Extract<TransformNode, {readonly zone: string}>['unit']
type TimeBucket = Extract<TransformNode, {readonly zone: string}>['transform']

export interface TimeOptions {
  /** IANA name such as `Europe/Berlin`; UTC unless given. Also the zone of texts that name none. */
  readonly zone?: string
  /**
   * How bare numbers and digits count since 1970; unless given by their size: seconds below 1e11, milliseconds below 1e14,
   * microseconds below 1e17, then nanoseconds.
   */
  readonly unit?: TimeUnit
}

export interface TimePartOptions extends TimeOptions {
  /** The column's name; `day` and so on unless given. */
  readonly as?: string
}

export interface MinutePartOptions extends TimePartOptions {
  /** Stretches of so many minutes, from the full hour on: 5, 10, 15, 20 or 30. */
  readonly every?: number
}

const timeUnits: readonly TimeUnit[] = ['auto', 's', 'ms', 'us', 'ns']

function timeStep(bucket: TimeBucket, options: TimeOptions): TransformStep {
  const {zone = 'UTC', unit = 'auto'} = options
  checkZone(zone)
  if (!timeUnits.includes(unit)) refuse(bucket, `the unit is ${show(unit)}, expected one of ${timeUnits.join(', ')}`)
  return transformStep({transform: bucket, zone, unit})
}

function timeTransform(
  bucket: TimeBucket,
  fieldOrOptions: string | TimeOptions,
  options: TimePartOptions,
): TransformStep | Derived {
  if (typeof fieldOrOptions !== 'string') {
    checkOptions(bucket, fieldOrOptions, ['zone', 'unit'])
    return timeStep(bucket, fieldOrOptions)
  }
  checkField(bucket, fieldOrOptions)
  checkOptions(bucket, options, ['zone', 'unit', 'as'])
  return derived(options.as ?? bucket, fieldOrOptions, [timeStep(bucket, options)])
}

/**
 * The minute of a timestamp, `2012-03-05T17:46`. `minute()` is a transform for fieldTransforms; `minute('time')` a key part.
 *
 * Reads numbers and digits since 1970, ISO 8601, `YYYY-MM-DD HH:MM:SS`, access-log time, mail dates. Null for anything else.
 */
export function minute(options?: TimeOptions): TransformStep
/** The minute of the timestamp in a field, as a key part or for derive; the column is `minute` unless `as` names it. */
export function minute(field: string, options?: MinutePartOptions): Derived
export function minute(
  fieldOrOptions: string | TimeOptions = {},
  {every, ...options}: MinutePartOptions = {},
): TransformStep | Derived {
  const made = timeTransform('minute', fieldOrOptions, options)
  if (every === undefined || !('kind' in made)) return made
  return derivedOf(made.name, made.field, [...made.transforms, ...everyMinutes(every)])
}

/** The hour of a timestamp, `2012-03-05T17`; see minute. */
export function hour(options?: TimeOptions): TransformStep
/** The hour of the timestamp in a field, as a key part or for derive; the column is `hour` unless `as` names it. */
export function hour(field: string, options?: TimePartOptions): Derived
export function hour(
  fieldOrOptions: string | TimeOptions = {},
  options: TimePartOptions = {},
): TransformStep | Derived {
  return timeTransform('hour', fieldOrOptions, options)
}

/** The day of a timestamp, `2012-03-05`; see minute. */
export function day(options?: TimeOptions): TransformStep
/** The day of the timestamp in a field, as a key part or for derive; the column is `day` unless `as` names it. */
export function day(field: string, options?: TimePartOptions): Derived
export function day(fieldOrOptions: string | TimeOptions = {}, options: TimePartOptions = {}): TransformStep | Derived {
  return timeTransform('day', fieldOrOptions, options)
}

/** The ISO week of a timestamp, `2012-W10` (Monday to Sunday, in the year of its Thursday); see minute. */
export function week(options?: TimeOptions): TransformStep
/** The ISO week of the timestamp in a field, as a key part or for derive; the column is `week` unless `as` names it. */
export function week(field: string, options?: TimePartOptions): Derived
export function week(
  fieldOrOptions: string | TimeOptions = {},
  options: TimePartOptions = {},
): TransformStep | Derived {
  return timeTransform('week', fieldOrOptions, options)
}
