/**
 * The shape of a rule's options. The message of each check is what was expected there, in words that complete "expected …";
 * check-rule.ts adds path, line and what was found. What options say about each other stands in rule-consistency.ts.
 */
import {z} from 'zod'
import {engineText} from '../base/index.ts'
import {aggregateSpecSchema} from './aggregate-schema.ts'
import {cronError} from './cron-text.ts'
import {isRule} from './define-rule.ts'
import {dayRangeMax, nameCharsMax, partitionCountMax} from './limits.ts'
import {isNamedReader} from './named-readers.ts'
import {formatNames, isHook, isName, isPlainObject, isStepOrHook, tagPattern} from './plain-values.ts'
import {sinkExpected, sinkModes, sinkProblem} from './sink-target.ts'
import {isRealDay, patternError, zoneError} from './text-formats.ts'
import {
  type CsvOptions,
  type Durations,
  type Keyset,
  planNode,
  type RegexOptions,
  type RuleExample,
  type RuleSink,
  type SeveralKeysetsOptions,
  type SharedRuleOptions,
  type SingleKeysetOptions,
  type TimeDelta,
} from './types.ts'

type Shape<T> = {readonly [name in keyof Required<T>]: z.ZodType}

function text(expected: string): z.ZodString {
  return z.string({error: expected}).min(1, {error: `${expected}, not empty`})
}
function listOf(item: z.ZodType, expected: string): z.ZodType {
  return z.array(item, {error: expected})
}
function mapOf(value: z.ZodType, expected: string): z.ZodType {
  return z.record(z.string(), value, {error: expected})
}
function integer(min: number, max: number = Number.MAX_SAFE_INTEGER): z.ZodType {
  const expected =
    max === Number.MAX_SAFE_INTEGER ? `a whole number of at least ${min}` : `a whole number from ${min} to ${max}`
  return z.int({error: expected}).min(min, {error: expected}).max(max, {error: expected})
}
function matching(test: (value: unknown) => boolean, expected: string): z.ZodType {
  return z.custom(test, {error: expected})
}

/** Text that `judge` has nothing against; what it says is what was expected. */
function judged(expected: string, judge: (value: string) => string | undefined): z.ZodType {
  return z.string({error: expected}).superRefine((value, context) => {
    const error = judge(value)
    if (error !== undefined) context.addIssue({code: 'custom', message: error})
  })
}

const flag = z.boolean({error: 'true or false'})
const fieldName = text('a field name (text)')
const tagName = z.string({error: 'a tag (text)'}).regex(tagPattern, {error: 'a tag: text without blanks'})
const nameRule = `letters, digits, "_", "-", "." (not first), at most ${nameCharsMax}`

function hook(parameters: string): z.ZodType {
  return matching(isHook, `a function (${parameters}), not async`)
}
function mayBeAsync(parameters: string): z.ZodType {
  return matching(value => typeof value === 'function' && !(planNode in value), `a function (${parameters})`)
}
function stepOrHook(kind: 'step' | 'transform', expected: string): z.ZodType {
  return matching(value => isStepOrHook(kind, value), expected)
}

const preprocess = listOf(
  stepOrHook('step', 'a preprocess step such as where(…), or a function (parts, params), not async'),
  'a list of preprocess steps and functions',
)
const postprocess = listOf(hook('key, values, params'), 'a list of functions (key, values, params)')
const transform = stepOrHook('transform', 'a transform such as toInt, or a function (value), not async')
const transforms = z.union([transform, z.array(transform)], {
  error: 'a transform, a function (value), or a list of them',
})

const derived = z.looseObject({kind: z.literal('derived'), name: fieldName, field: fieldName})
const keyPart = z.union([fieldName, derived], {error: 'a field name (text), or a derived field such as day("time")'})
const aggregate = z.strictObject(
  {kind: z.literal('aggregate'), node: aggregateSpecSchema},
  {error: 'an aggregate such as sum("price")'},
)
const valueParts = z.union([z.array(fieldName), mapOf(aggregate, 'an object')], {
  error: 'a list of field names, or an object of aggregates by column name',
})

const keysetShape = {
  keyParts: listOf(keyPart, 'a list of field names and derived fields').optional(),
  valueParts: valueParts.optional(),
  columnMappings: mapOf(z.string({error: 'header text'}).nullish(), 'an object: column name to header text').optional(),
  table: text('the name of a table (text)').optional(),
  partsPreprocess: preprocess.optional(),
  partsPostprocess: postprocess.optional(),
  extraColumns: listOf(text('a column name (text)'), 'a list of column names').optional(),
} satisfies Shape<Keyset>

const csvShape = {
  type: z.enum(['csv', 'dynamic']),
  fields: z
    .union([z.literal('header'), z.array(fieldName).min(1, {error: 'at least one column name'})], {
      error: "a list of column names, or 'header'",
    })
    .optional(),
  dialect: z.enum(['excel', 'excel-tab'], {error: "'excel' or 'excel-tab'"}).optional(),
  delimiter: z
    .string({error: 'one character'})
    .regex(/^[^"\r\n\u0000\u0080-\uffff]$/, {error: 'one ASCII character that is no quote and no line end'})
    .optional(),
} satisfies Shape<CsvOptions>
const regexShape = {
  type: z.literal('regex'),
  pattern: judged('a regular expression (text)', patternError),
} satisfies Shape<RegexOptions>

const formatExpected = `one of ${formatNames.join(', ')}, or an object with type csv, dynamic or regex`
const format = z.union(
  [
    z.enum(formatNames),
    z.discriminatedUnion('type', [z.strictObject(csvShape), z.strictObject(regexShape)], {
      error: 'csv, dynamic or regex',
    }),
  ],
  {error: formatExpected},
)

const amount = z.number({error: 'a number of at least 0'}).min(0, {error: 'a number of at least 0'}).optional()
const weekdays = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday']
const durationsShape = {
  weeks: amount,
  days: amount,
  hours: amount,
  minutes: amount,
  seconds: amount,
  milliseconds: amount,
  microseconds: amount,
} satisfies Shape<Durations>
/** All keys of all three forms: which go together is said in rule-consistency.ts. */
const timeDeltaShape = {
  ...durationsShape,
  oclock: integer(0, 23).optional(),
  weekday: matching(
    value => typeof value === 'string' && weekdays.includes(value.toLowerCase()),
    `one of ${weekdays.join(', ')}`,
  ).optional(),
} satisfies Shape<UnionOfKeys<TimeDelta>>
type UnionOfKeys<T> = {[name in T extends unknown ? keyof T : never]: unknown}

const cell: z.ZodType = z.json({error: 'JSON data'})
const rows = z.array(z.array(cell, {error: 'a row: a list of cells'}), {error: 'a list of rows'})
const exampleShape = {
  name: text('a name (text)').optional(),
  input: z.union(
    [
      z.string(),
      z.array(z.union([z.string(), matching(isPlainObject, 'an object')], {error: 'a line (text) or an object'})),
    ],
    {
      error: 'text, or a list of lines and objects',
    },
  ),
  params: matching(isPlainObject, 'an object').optional(),
  rows: z.union([rows, mapOf(rows, 'an object')], {error: 'a list of rows, or an object: keyset name to list of rows'}),
  bad: integer(0).optional(),
} satisfies Shape<RuleExample>

const schedulerShape = {forceLocal: flag.optional(), maxCores: integer(1).optional()} satisfies Shape<
  NonNullable<SharedRuleOptions['scheduler']>
>

const sourceTag = z.union([tagName, matching(isRule, 'a rule')], {error: 'a tag (text) or a rule'})

const webhookExpected = 'an http(s) address, or env:NAME or file:PATH with it (text)'

const engineExpected =
  "'auto', 'row', or the address of another engine (text): clickhouse=http://HOST/DATABASE, clickhouse=env:NAME"

const sinkAddress = z
  .string({error: sinkExpected})
  .refine(value => sinkProblem(value) === undefined, {error: sinkExpected})
const sinkShape = {
  to: sinkAddress,
  mode: z.enum(sinkModes, {error: sinkModes.map(mode => `'${mode}'`).join(', ')}).optional(),
  tablePrefix: text('the beginning of table names (text)').optional(),
} satisfies Shape<RuleSink>

const sharedShape = {
  name: matching(isName, `a name (text): ${nameRule}`),
  description: z.string({error: 'a sentence (text)'}).optional(),
  run: flag.optional(),

  format: format.optional(),
  mapInputStream: matching(
    value => isNamedReader(value) || (typeof value === 'function' && !(planNode in value)),
    'a reader: an async generator function (chunks, context), or chunkJsonStream and its like',
  ).optional(),
  sourceTags: z.union([tagName, z.array(sourceTag)], {error: 'a tag (text), or a list of tags and rules'}).nullish(),
  sourceUrls: z
    .union([z.array(text('an address (text)')), hook('options')], {
      error: 'a list of texts, or a function (options), not async',
    })
    .optional(),
  minBlobs: integer(0).optional(),
  maxBlobs: integer(1).optional(),
  newestFirst: flag.optional(),
  dayRange: integer(0, dayRangeMax).optional(),
  dayOffset: integer(0, dayRangeMax).optional(),
  dayStart: matching(isRealDay, 'a day that exists, as YYYY-MM-DD').optional(),
  timeZone: judged('an IANA time zone (text)', zoneError).optional(),

  archive: flag.optional(),
  archiveTagPrefix: tagName
    .regex(/^[^:]*$/, {error: 'text without a colon: it replaces the first part of a tag'})
    .optional(),
  archiveLookback: integer(0, dayRangeMax).optional(),
  timeDelta: z.strictObject(timeDeltaShape, {error: 'an object: durations, {oclock} or {weekday}'}).optional(),
  cron: judged('five fields (text): minute, hour, day of the month, month, day of the week', cronError).optional(),
  catchUp: z.enum(['once', 'skip'], {error: "'once' or 'skip'"}).optional(),
  maxAge: z.strictObject(durationsShape, {error: 'an object of durations'}).optional(),
  retry: flag.optional(),
  retryLimit: integer(0).optional(),
  retryDelay: z.number({error: 'hours, at least 0'}).min(0, {error: 'hours, at least 0'}).optional(),
  notifyOnFail: flag.optional(),
  notifyOnSuccess: flag.optional(),
  notifyAddresses: listOf(
    z.string({error: 'a mail address (text)'}).regex(/^[^\s,;]+$/, {error: 'one mail address'}),
    'a list of mail addresses',
  ).optional(),
  notifyPagerduty: flag.optional(),
  notifyPagerdutyKey: text('a service key (text)').optional(),
  notifyWebhook: z
    .string({error: webhookExpected})
    .regex(/^(?:https?:\/\/[^\s]+|env:\w+|file:.+)$/, {error: webhookExpected})
    .optional(),
  notifyWebhookFormat: z.enum(['json', 'slack'], {error: "'json' or 'slack'"}).optional(),
  resultTag: tagName.optional(),
  resultTagSuffix: matching(
    value => typeof value === 'boolean' || (typeof value === 'string' && value.toLowerCase() === 'date'),
    "true, false or 'date'",
  ).optional(),
  save: flag.optional(),
  engine: z.string({error: engineExpected}).regex(engineText, {error: engineExpected}).optional(),
  scheduler: z.strictObject(schedulerShape, {error: 'an object {forceLocal?, maxCores?}'}).optional(),

  fields: listOf(fieldName, 'a list of field names').optional(),
  params: matching(isPlainObject, 'an object').optional(),
  partsPreprocess: preprocess.optional(),
  fieldTransforms: mapOf(transforms, 'an object: field to transform').optional(),
  mapInitFunction: hook('params').optional(),
  mapFunction: hook('parts, params').nullish(),
  combinerFunction: hook('key, values, buffer, done, params').optional(),
  partitions: integer(1, partitionCountMax).optional(),
  partitionFunction: hook('key, partitions, params').optional(),

  sort: flag.optional(),
  sortedResults: flag.optional(),
  reduceInitFunction: hook('params').optional(),
  reduceFunction: hook('pairs, params').optional(),

  sink: z
    .union([sinkAddress, z.strictObject(sinkShape, {error: 'an object {to, mode?, tablePrefix?}'})], {
      error: sinkExpected,
    })
    .optional(),
  resultProcessor: mayBeAsync('rows, context').nullish(),
  isResultProcessorIdempotent: flag.optional(),
  ruleInitFunction: mayBeAsync('params').optional(),
  ruleCleanup: mayBeAsync('job').optional(),

  examples: listOf(z.strictObject(exampleShape, {error: 'an example: {input, rows}'}), 'a list of examples').optional(),
} satisfies Shape<SharedRuleOptions>

const {partsPreprocess: keysetPartsPreprocess, ...ownKeysetShape} = keysetShape
const singleKeysetShape = {...ownKeysetShape, keysetPartsPreprocess} satisfies Shape<
  Omit<SingleKeysetOptions, 'keysets'>
>
const severalShape = {
  keysets: mapOf(
    z.strictObject(keysetShape, {error: 'a keyset: {keyParts, valueParts, …}'}),
    'an object: name to keyset',
  ).optional(),
} satisfies Pick<Shape<SeveralKeysetsOptions>, 'keysets'>

/** @see ruleOptions in options.ts - a test holds the two to the same names */
export const ruleOptionsSchema = z.strictObject(
  {...sharedShape, ...singleKeysetShape, ...severalShape},
  {error: 'an object of options'},
)

/** Names that may stand in the smaller objects of a rule, for suggestions. */
export const nestedNames: Readonly<
  Record<'timeDelta' | 'maxAge' | 'scheduler' | 'sink' | 'csv' | 'regex' | 'example', readonly string[]>
> = {
  timeDelta: Object.keys(timeDeltaShape),
  maxAge: Object.keys(durationsShape),
  scheduler: Object.keys(schedulerShape),
  sink: Object.keys(sinkShape),
  csv: Object.keys(csvShape),
  regex: Object.keys(regexShape),
  example: Object.keys(exampleShape),
}
export const knownWeekdays: readonly string[] = weekdays
export const knownFormats: readonly string[] = formatNames
