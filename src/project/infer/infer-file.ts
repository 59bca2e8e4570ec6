/** `inferno infer`: the fields of a file and a first rule over it. */
import type {FormatNode, Parts} from '../../rules/index.ts'
import {inferDepthMax, inferFieldCountMax, inferRecordCountMax} from '../limits.ts'
import {addToProfile, emptyProfile, type FieldProfile} from './field-profile.ts'
import {type InferredField, inferField} from './inferred-field.ts'
import {RecordReader, wrappedFields, wrapSampleCount} from './record-reader.ts'
import {ruleSource} from './rule-source.ts'

export interface InferOptions {
  /** Name of the file, for the rule's comment. */
  readonly fileName: string
  readonly format: Exclude<FormatNode, {readonly format: 'custom'}>
  /** Name of the proposed rule; default: made from the file's name. */
  readonly ruleName?: string
  /** JSON that is text in a field stays text, as a rule without `parseJson` has it. */
  readonly leavesText?: boolean
  /** Times without a year in the field `time` are of the twelve months up to this day. */
  readonly lastDay?: string | undefined
}

export interface Inference {
  /** Records looked at. */
  readonly records: number
  /** There were more records than infer looks at. */
  readonly isSample: boolean
  /** In the order in which they first occur. */
  readonly fields: readonly InferredField[]
  /** Fields beyond the limits, or whose names cannot be spelt as a path. */
  readonly fieldsOmitted: number
  /** Names of likely key parts, the most telling first (about a screenful of values), flags last. */
  readonly keys: readonly string[]
  /** Names of likely value parts. */
  readonly values: readonly string[]
  /** Fields that hold JSON as text; what is in it counts as fields. */
  readonly wrapped: readonly string[]
  /** A rule file (TypeScript) that runs as it is. */
  readonly ruleSource: string
}

/**
 * Looks at the first records of a file and proposes fields, keys, values and a rule.
 *
 * Stops reading after inferRecordCountMax records; the caller's iterator is closed then. Same records, same answer.
 *
 * @param records - as the reader of `format` gives them, before any rule step
 * @throws what reading the records throws
 */
export async function inferFile(
  records: Iterable<Parts> | AsyncIterable<Parts>,
  options: InferOptions,
): Promise<Inference> {
  const survey: Survey = {profiles: new Map(), omitted: new Set()}
  const sample: Parts[] = []
  const reader = new RecordReader(options.lastDay)
  const add = (parts: Parts): void => addRecord(survey, reader.read(parts), '', 1)
  const addSample = (): void => {
    if (sample.length > 0 && options.leavesText !== true) reader.unwrap(wrappedFields(sample))
    for (const parts of sample.splice(0)) add(parts)
  }
  let count = 0
  let isSample = false
  for await (const parts of records) {
    if (count === inferRecordCountMax) {
      isSample = true
      break
    }
    if (++count > wrapSampleCount) add(parts)
    else sample.push({...parts})
    if (count === wrapSampleCount) addSample()
  }
  addSample()
  const {wrapped, isYearless} = reader
  const fields = Array.from(survey.profiles.values(), profile => inferField(profile, count))
  return {
    records: count,
    isSample,
    fields,
    fieldsOmitted: survey.omitted.size,
    keys: likelyKeys(fields),
    values: fields.filter(field => field.role === 'value').map(field => field.name),
    wrapped,
    ruleSource: ruleSource(fields, likelyKeys(fields), {
      ...options,
      wrapped,
      lastDay: isYearless ? options.lastDay : undefined,
    }),
  }
}

/** A key with about as many values as fit a screen tells most: two say little, thousands nobody reads. */
const screenfulRows = 20

interface Survey {
  readonly profiles: Map<string, FieldProfile>
  readonly omitted: Set<string>
}

function addRecord(survey: Survey, parts: Parts, prefix: string, depth: number): void {
  for (const name of Object.keys(parts)) {
    const path = prefix === '' ? name : pathBelow(prefix, name)
    const value = parts[name]
    const isNested = typeof value === 'object' && value !== null && !Array.isArray(value)
    if (path === undefined) omit(survey, `${prefix}.${name}`)
    else if (!isNested) addField(survey, path, value)
    // A path reaches only a field of that very name at the top, not what is inside a field called `a.b`.
    else if (depth === inferDepthMax || (prefix === '' && /[.[\]]/.test(name))) omit(survey, path)
    else addRecord(survey, value as Parts, path, depth + 1)
  }
}

/** The path of a nested field: `user.name`, or `user["first.name"]` where dots or brackets would mean something else. */
function pathBelow(prefix: string, name: string): string | undefined {
  if (name !== '' && !/[.[\]]/.test(name)) return `${prefix}.${name}`
  return name.includes('"') ? undefined : `${prefix}["${name}"]`
}

function addField(survey: Survey, path: string, value: unknown): void {
  let profile = survey.profiles.get(path)
  if (profile === undefined) {
    if (survey.profiles.size === inferFieldCountMax) {
      omit(survey, path)
      return
    }
    profile = emptyProfile(path)
    survey.profiles.set(path, profile)
  }
  addToProfile(profile, value)
}

/** Remembers that a field was left out; itself limited, as field names may be as many as records. */
function omit(survey: Survey, path: string): void {
  if (survey.omitted.size < inferRecordCountMax) survey.omitted.add(path)
}

function likelyKeys(fields: readonly InferredField[]): string[] {
  const keys = fields.filter(field => field.role === 'key')
  // A field that is mostly empty divides badly however few values it has.
  const emptiness = (field: InferredField): number => (field.nullShare > 0.5 ? 1 : 0)
  const misfit = ({distinct}: InferredField): number => Math.max(distinct / screenfulRows, screenfulRows / distinct)
  keys.sort((a, b) => emptiness(a) - emptiness(b) || misfit(a) - misfit(b))
  return [...keys, ...fields.filter(field => field.role === 'flag')].map(field => field.name)
}
