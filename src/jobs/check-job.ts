/** Everything a job says that is not allowed, all at once, each with its place and what may stand there. */
import {didYouMean, excerptOf, parseBytes, printable, UserError} from '../base/index.ts'
import {parseGrouping, pipelineProblems} from '../pipeline/index.ts'
import {jobNameLengthMax, partitionCountMax, problemCountShownMax, sortBytesMin, taskMemoryBytesMin} from './limits.ts'
import type {Job} from './types.ts'

export interface JobProblem {
  /** Where in the options: `stages[1].process`; empty for the job as a whole. */
  readonly path: string
  /** What stands there: `number 5`. */
  readonly found: string
  /** What may stand there: `a function (record, context)`. */
  readonly expected: string
  /** A sentence. */
  readonly hint?: string
}

const readerNames: readonly string[] = ['lines', 'json', 'csv', 'bytes', 'records']

type Check = (value: unknown) => string | undefined | readonly JobProblem[]

interface Field {
  readonly isRequired?: boolean
  /** @returns what is expected instead, or problems inside of the value; undefined when it is right */
  readonly check: Check
}

const jobNamePattern = new RegExp(`^[A-Za-z0-9_][A-Za-z0-9_.-]{0,${jobNameLengthMax - 1}}$`)

const aFunction =
  (form: string): Check =>
  value =>
    typeof value === 'function' ? undefined : `a function ${form}`
const aBoolean: Check = value => (typeof value === 'boolean' ? undefined : 'true or false')
const aText: Check = value => (typeof value === 'string' ? undefined : 'text')
const aWholeNumber =
  (from: number, to: number): Check =>
  value =>
    Number.isSafeInteger(value) && (value as number) >= from && (value as number) <= to
      ? undefined
      : `a whole number from ${from} to ${to}`
const bytesFrom =
  (least: number): Check =>
  value => {
    const bytes = typeof value === 'string' ? parseBytes(value) : value
    return Number.isSafeInteger(bytes) && (bytes as number) >= least
      ? undefined
      : `at least ${least} bytes, as a number or as text like '1GiB'`
  }

const common: Readonly<Record<string, Field>> = {
  name: {
    isRequired: true,
    check: value =>
      typeof value === 'string' && jobNamePattern.test(value)
        ? undefined
        : `1 to ${jobNameLengthMax} letters, digits and _ . -, beginning with a letter, digit or _`,
  },
  description: {check: aText},
  inputs: {check: checkInputs},
  reader: {check: checkReader},
  params: {check: checkParams},
  files: {check: checkFiles},
  saveResults: {
    check: value =>
      typeof value === 'boolean' || (typeof value === 'string' && value !== '')
        ? undefined
        : 'true, false or the name of a tag',
  },
  limits: {check: value => checkFields(value, limitFields, 'limits', 'an object of limits')},
}

const limitFields: Readonly<Record<string, Field>> = {
  memory: {check: bytesFrom(taskMemoryBytesMin)},
  sortMemory: {check: bytesFrom(sortBytesMin)},
  taskSeconds: {
    check: value => (typeof value === 'number' && value > 0 && value < 1e9 ? undefined : 'a number of seconds above 0'),
  },
  badRecords: {check: aWholeNumber(0, Number.MAX_SAFE_INTEGER)},
  slots: {check: aWholeNumber(1, 1_000_000)},
  failures: {check: aWholeNumber(1, 1_000_000)},
}

const shuffleFields: Readonly<Record<string, Field>> = {
  combine: {check: aFunction('(key, values, context) that returns one value')},
  partition: {check: aFunction('(key, partitions, params) that returns a number')},
  partitions: {check: aWholeNumber(1, partitionCountMax)},
  sort: {check: aBoolean},
}

const mapReduceFields: Readonly<Record<string, Field>> = {
  ...common,
  ...shuffleFields,
  map: {isRequired: true, check: aFunction('(record, context)')},
  reduce: {check: aFunction('(key, values, context)')},
}

const pipelineFields: Readonly<Record<string, Field>> = {...common, stages: {isRequired: true, check: checkStages}}

const stageFields: Readonly<Record<string, Field>> = {
  ...shuffleFields,
  name: {isRequired: true, check: aText},
  grouping: {
    isRequired: true,
    check: value =>
      typeof value === 'string' && parseGrouping(value) !== undefined
        ? undefined
        : "'split', 'group-label', 'group-node', 'group-node-label' or 'group-all'",
  },
  init: {check: aFunction('(context)')},
  process: {isRequired: true, check: aFunction('(input, context)')},
  done: {check: aFunction('(context)')},
  concurrent: {check: aBoolean},
  merge: {check: aBoolean},
}

/** @returns the problems; empty when the job may be run */
export function checkJob(job: Job): JobProblem[] {
  const options: unknown = job.options
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    return [{path: '', found: describe(options), expected: 'an object of options'}]
  }
  const isPipeline = 'stages' in options
  if (isPipeline && 'map' in options) {
    return [{path: 'stages', found: 'stages beside map', expected: 'either map (and reduce), or stages'}]
  }
  const problems = checkFields(options, isPipeline ? pipelineFields : mapReduceFields, '', 'an object of options')
  return problems.length > 0 || isPipeline ? problems : checkMapReduce(options as Record<string, unknown>)
}

/** @throws UserError BAD_JOB with all problems, one a line; `file` is how to call the place of the definition */
export function assertJob(job: Job, file?: string): void {
  const problems = checkJob(job)
  if (problems.length === 0) return
  const name: unknown = (job.options as {name?: unknown} | undefined)?.name
  const called = typeof name === 'string' ? `the job "${excerptOf(name, 60)}"` : 'a job'
  const place = file === undefined ? '' : ` in ${printable(file)}`
  throw new UserError('BAD_JOB', `${called}${place} cannot be used as it is written\n${formatJobProblems(problems)}`)
}

/** One line per problem, safe to print. */
export function formatJobProblems(problems: readonly JobProblem[]): string {
  const lines = problems.slice(0, problemCountShownMax).map(({path, found, expected, hint}) => {
    const where = path === '' ? '' : `${printable(path)}: `
    return `  ${where}expected ${expected}, found ${found}${hint === undefined ? '' : `; ${hint}`}`
  })
  const left = problems.length - lines.length
  return left > 0 ? `${lines.join('\n')}\n  … and ${left} more` : lines.join('\n')
}

function checkFields(
  value: unknown,
  fields: Readonly<Record<string, Field>>,
  path: string,
  expected: string,
): JobProblem[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return [{path, found: describe(value), expected}]
  const problems: JobProblem[] = []
  const inside = path === '' ? '' : `${path}.`
  const given = value as Record<string, unknown>
  for (const name of Object.keys(given)) {
    if (Object.hasOwn(fields, name)) continue
    const known = Object.keys(fields)
    const suggestion = didYouMean(name, known).trim()
    problems.push({
      path: `${inside}${name}`,
      found: 'an unknown option',
      expected: `one of ${known.join(', ')}`,
      ...(suggestion === '' ? {} : {hint: suggestion}),
    })
  }
  for (const [name, field] of Object.entries(fields)) {
    if (given[name] === undefined && !field.isRequired) continue
    const result = field.check(given[name])
    if (result === undefined) continue
    if (typeof result === 'string')
      problems.push({path: `${inside}${name}`, found: describe(given[name]), expected: result})
    else problems.push(...result)
  }
  return problems
}

function checkMapReduce(options: Record<string, unknown>): JobProblem[] {
  const problems: JobProblem[] = []
  if (options['reduce'] !== undefined && options['sort'] === false) {
    problems.push({
      path: 'sort',
      found: 'false',
      expected: 'true or nothing beside reduce',
      hint: 'groups are made by sorting',
    })
  }
  if (options['combine'] !== undefined && options['reduce'] === undefined && options['sort'] !== true) {
    problems.push({path: 'combine', found: 'combine without reduce', expected: 'reduce or sort: true beside it'})
  }
  return problems
}

function checkStages(value: unknown): string | undefined | readonly JobProblem[] {
  if (!Array.isArray(value) || value.length === 0) return 'a list of stages'
  const shapes = value.flatMap((stage, index) =>
    checkFields(stage, stageFields, `stages[${index}]`, 'an object {name, grouping, process}'),
  )
  if (shapes.length > 0) return shapes
  const stages = value as Record<string, unknown>[]
  const pipeline = stages.map(stage => ({
    name: stage['name'] as string,
    grouping: parseGrouping(stage['grouping'] as string)!,
    isConcurrent: stage['concurrent'] === true,
  }))
  const problems: JobProblem[] = pipelineProblems(pipeline).map(text => ({
    path: 'stages',
    found: text,
    expected: 'a pipeline that can be run',
  }))
  stages.forEach((stage, index) => {
    const path = `stages[${index}]`
    if (stage['combine'] !== undefined && stage['sort'] !== true)
      problems.push({
        path: `${path}.combine`,
        found: 'combine',
        expected: 'sort: true beside it',
        hint: 'values are combined while they are sorted',
      })
    if (stage['merge'] !== true) return
    if (index === 0 || stages[index - 1]!['sort'] !== true)
      problems.push({path: `${path}.merge`, found: 'true', expected: 'a stage before it that has sort: true'})
    if (stage['concurrent'] === true)
      problems.push({
        path: `${path}.merge`,
        found: 'true',
        expected: 'either merge or concurrent',
        hint: 'a merge waits for all of its inputs',
      })
  })
  return problems.length === 0 ? undefined : problems
}

function checkInputs(value: unknown): string | undefined | readonly JobProblem[] {
  if (!Array.isArray(value)) return 'a list of inputs'
  const problems = value.flatMap((input: unknown, index): JobProblem[] => {
    const isText = typeof input === 'string' && input !== ''
    const isList =
      Array.isArray(input) && input.length > 0 && input.every(part => typeof part === 'string' && part !== '')
    if (isText || isList) return []
    return [{path: `inputs[${index}]`, found: describe(input), expected: 'text, or a list of addresses of one input'}]
  })
  return problems.length === 0 ? undefined : problems
}

function checkReader(value: unknown): string | undefined | readonly JobProblem[] {
  if (typeof value === 'function') return undefined
  const expected = `one of ${readerNames.join(', ')}, {type: 'csv', …} or a function (chunks, context)`
  if (typeof value === 'string') {
    if (readerNames.includes(value)) return undefined
    const suggestion = didYouMean(value, readerNames).trim()
    return [{path: 'reader', found: describe(value), expected, ...(suggestion === '' ? {} : {hint: suggestion})}]
  }
  if (typeof value !== 'object' || value === null || (value as {type?: unknown}).type !== 'csv') return expected
  const fields: Readonly<Record<string, Field>> = {
    type: {check: aText},
    fields: {
      check: names =>
        names === 'header' ||
        (Array.isArray(names) && names.length > 0 && names.every(name => typeof name === 'string'))
          ? undefined
          : "'header' or a list of column names",
    },
    delimiter: {check: text => (typeof text === 'string' && /^[^\n\r"]$/.test(text) ? undefined : 'one character')},
  }
  return checkFields(value, fields, 'reader', expected)
}

function checkFiles(value: unknown): string | undefined | readonly JobProblem[] {
  if (!Array.isArray(value)) return 'a list of paths'
  const isInside = (path: unknown): boolean =>
    typeof path === 'string' && path !== '' && !/^(\/|[A-Za-z]:|\\)/.test(path) && !path.split(/[/\\]/).includes('..')
  const problems = value.flatMap((path: unknown, index): JobProblem[] =>
    isInside(path)
      ? []
      : [
          {
            path: `files[${index}]`,
            found: describe(path),
            expected: 'a path below the folder of the job file, without ..',
          },
        ],
  )
  return problems.length === 0 ? undefined : problems
}

/** Params are JSON: what would arrive as something else is refused here, not noticed there. */
function checkParams(value: unknown): string | undefined | readonly JobProblem[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'an object of parameters'
  const problems: JobProblem[] = []
  const walk = (inner: unknown, path: string, outer: readonly object[]): void => {
    if (inner === null || typeof inner === 'string' || typeof inner === 'boolean') return
    if (typeof inner === 'number' && Number.isFinite(inner)) return
    const isPlain =
      typeof inner === 'object' &&
      (Array.isArray(inner) || [Object.prototype, null].includes(Object.getPrototypeOf(inner)))
    if (!isPlain || outer.includes(inner as object)) {
      problems.push({
        path,
        found: isPlain ? 'a circle' : describe(inner),
        expected: 'JSON: text, numbers, true, false, null, lists, objects',
      })
      return
    }
    for (const [name, member] of Object.entries(inner as object))
      walk(member, `${path}.${name}`, [...outer, inner as object])
  }
  walk(value, 'params', [])
  return problems.length === 0 ? undefined : problems
}

/** What a value is, in a few words, safe to print. */
function describe(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (value === null) return 'null'
  if (typeof value === 'string') return `text "${excerptOf(value, 60)}"`
  if (typeof value === 'number' || typeof value === 'bigint') return `number ${value}`
  if (typeof value === 'function') return value.name === '' ? 'a function' : `a function ${excerptOf(value.name, 60)}`
  if (typeof value !== 'object') return String(value)
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : `a list of ${value.length}`
  const names = Object.keys(value)
  return names.length === 0 ? 'an empty object' : `an object {${excerptOf(names.join(', '), 60)}}`
}
