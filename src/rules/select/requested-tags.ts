/** From a rule's options and what the command line lays over them to the tags that are asked for (spec 9.2, 9.4). */
import {sourceTagsOf} from '../rule-sources.ts'
import type {Rule} from '../types.ts'
import {dayAt, dayText, parseDay} from './days.ts'

/** What was asked for from outside. Each one that is given wins over the rule's own. */
export interface SelectOverrides {
  /** Exactly these, also when there are none; all day options are ignored then, also those given beside it. */
  readonly tags?: readonly string[] | undefined
  /** YYYY-MM-DD, a day that exists. */
  readonly dayStart?: string | undefined
  readonly dayOffset?: number | undefined
  readonly dayRange?: number | undefined
}

export interface RequestedTags {
  /** Without days, as they were written: what must exist. Each once. */
  readonly bases: readonly string[]
  /** Prefixes of the tags to read: tag by tag, newest day first. Each once. */
  readonly tags: readonly string[]
  /** Newest first; null: all days. */
  readonly days: readonly string[] | null
}

/**
 * For a rule that the check accepted. Days are those of the rule's time zone, UTC unless it names one.
 *
 * @param nowMs - decides what today is: the last day unless a start day is given; an offset moves the last day back
 */
export function requestedTags(rule: Rule, overrides: SelectOverrides, nowMs: number): RequestedTags {
  const {tags: given} = overrides
  if (given !== undefined) return {bases: unique(given), tags: unique(given), days: null}
  const bases = unique(sourceTagsOf(rule))
  const days = requestedDays(rule, overrides, nowMs)
  if (days === null || bases.length === 0) return {bases, tags: bases, days: null}
  return {bases, tags: bases.flatMap(tag => days.map(day => withDay(tag, day))), days}
}

/** `in:clicks:` says already that the day comes next: that is how siblings such as `in:clicks_old` are left out. */
const withDay = (tag: string, day: string): string => (tag.endsWith(':') ? `${tag}${day}` : `${tag}:${day}`)

/** `-S` or `-O` alone mean one day, whatever the rule's range; a start day that is given is not moved by the rule's offset. */
function requestedDays({options}: Rule, overrides: SelectOverrides, nowMs: number): readonly string[] | null {
  const today = dayAt(nowMs, options.timeZone ?? 'UTC')
  const start = overrides.dayStart ?? options.dayStart
  const ownOffset = overrides.dayStart === undefined ? (options.dayOffset ?? 0) : 0
  const last = (start === undefined ? today : (parseDay(start) ?? today)) - (overrides.dayOffset ?? ownOffset)
  const isOneDay = overrides.dayStart !== undefined || overrides.dayOffset !== undefined
  const count = overrides.dayRange ?? (isOneDay ? 1 : ownRange(options))
  return count === 0 ? null : Array.from({length: count}, (_, index) => dayText(last - index))
}

function ownRange({dayRange, archiveLookback}: Rule['options']): number {
  if (archiveLookback !== undefined && archiveLookback > 0) return archiveLookback + 1
  return dayRange ?? 0
}

const unique = (tags: readonly string[]): readonly string[] => [...new Set(tags)]
