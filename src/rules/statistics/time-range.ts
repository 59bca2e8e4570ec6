/** Days, hours and the like of times that lie in a range: again a range, of texts, because all of them sort as time goes. */
import type {TransformNode} from '../plan.ts'
import {compileTimeBucket, type TimeBucket} from '../time.ts'
import {localSeconds, unitOfNumber} from '../time-parse.ts'
import {compileZoneRange} from '../time-zone.ts'
import type {FieldRange, TextTimes} from './facts.ts'

/** Offsets of a zone that are looked at between the ends of a range: about a decade, each change of clocks being a hundred. */
const zoneRangesMax = 2000

type BucketNode = Extract<TransformNode, {readonly zone: string}>

/** Offset with which a text is read a second time: no difference between whole seconds. */
const probeOffset = 3600.5

/**
 * The time that a text names, whatever the zone and the unit of bare numbers are that a rule reads it with.
 *
 * @returns whole seconds; undefined when it is no time, or which one depends on zone or unit
 */
export function timeOfText(text: string): {readonly kind: TextTimes['kind']; readonly seconds: number} | undefined {
  const seconds = localSeconds(text, 's', () => 0)
  const shifted = localSeconds(text, 'ns', () => probeOffset)
  if (shifted === seconds) return {kind: 'clock', seconds}
  return shifted === seconds + probeOffset ? {kind: 'zoned', seconds} : undefined
}

/**
 * What a time transform makes of each value of a range.
 *
 * @returns undefined when that cannot be said: a value may be no time, or outside of the years 1 to 9999
 */
export function bucketRange({transform, zone, unit}: BucketNode, range: FieldRange): FieldRange | undefined {
  const local = localRange(range, zone, unit)
  if (local === undefined) return undefined
  const textOf = bucketText(transform)
  const min = textOf(local.from)
  const max = textOf(local.to)
  return min === null || max === null ? undefined : {type: 'text', min, max}
}

/** Of local seconds. */
const bucketText = (bucket: TimeBucket): ((seconds: number) => string | null) => compileTimeBucket(bucket, 'UTC', 's')

interface Seconds {
  readonly from: number
  readonly to: number
}

function localRange(range: FieldRange, zone: string, unit: BucketNode['unit']): Seconds | undefined {
  if (range.type === 'text') {
    if (range.times === undefined) return undefined
    return range.times.kind === 'clock' ? range.times : inZone(range.times, zone)
  }
  const {min, max} = range
  // What counts by its size goes back where a larger unit begins.
  if (
    unit === 'auto' &&
    (unitOfNumber(min) !== unitOfNumber(max) || (unitOfNumber(min) !== 's' && min < 0 !== max < 0))
  )
    return undefined
  const [from, to] = [localSeconds(min, unit, () => 0), localSeconds(max, unit, () => 0)]
  return Number.isNaN(from) || Number.isNaN(to) ? undefined : inZone({from, to}, zone)
}

/** Clocks of the zone from an instant to another: they go back where summer time ends. */
function inZone({from, to}: Seconds, zone: string): Seconds | undefined {
  const offsetAround = compileZoneRange(zone)
  let [least, greatest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  let at = from
  for (let count = 0; at <= to; count++) {
    if (count === zoneRangesMax) return undefined
    const {to: end, offset} = offsetAround(at)
    least = Math.min(least, at + offset)
    greatest = Math.max(greatest, Math.min(end, to) + offset)
    at = end + 1
  }
  return {from: least, to: greatest}
}
