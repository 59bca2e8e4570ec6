/**
 * What is known of all records of a chunk without reading them, and the form in which that stands in its footer.
 *
 *     {"names": ["host", "time"], "fields": [["time", {"range": [17, 42]}], ["host", {"values": ["a", "b"], "isOptional": true}]]}
 */
import type {Json} from '../../base/index.ts'

/** A value that a list of values can hold. */
export type Scalar = string | number | boolean | null

/** Seconds between which all texts of a range lie, read as times: `zoned` ones name their zone, `clock` ones show a clock of any zone. */
export interface TextTimes {
  readonly kind: 'zoned' | 'clock'
  readonly from: number
  readonly to: number
}

/** From `min` to `max`: numbers (no bigint), or texts by code points. */
export type FieldRange =
  | {readonly type: 'number'; readonly min: number; readonly max: number}
  | {readonly type: 'text'; readonly min: string; readonly max: string; readonly times?: TextTimes}

/** What a top-level field is in each record: one of `values`, or in `range`, or (only when optional) absent. */
export interface FieldFacts {
  readonly values: readonly Scalar[]
  readonly range?: FieldRange
  readonly isOptional: boolean
}

export interface ChunkFacts {
  /** By the name of a top-level field. */
  readonly fields: ReadonlyMap<string, FieldFacts>
  /** All names that top-level fields of any record have; undefined: they are too many to list. */
  readonly names: ReadonlySet<string> | undefined
}

/** Facts as they stand in a footer. */
export function factsJson({names, fields}: ChunkFacts): Json {
  return {
    ...(names === undefined ? {} : {names: [...names]}),
    fields: [...fields].map(([name, {values, range, isOptional}]) => [
      name,
      {
        ...(values.length === 0 ? {} : {values: [...values]}),
        ...(range === undefined ? {} : {range: [range.min, range.max]}),
        ...(range?.type === 'text' && range.times !== undefined
          ? {times: [range.times.kind, range.times.from, range.times.to]}
          : {}),
        ...(isOptional ? {isOptional} : {}),
      },
    ]),
  }
}
