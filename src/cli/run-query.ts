/** `inferno query`: a rule from flags, run like any other. */
import {printable, UserError} from '../base/index.ts'
import {loadSettings} from '../client/index.ts'
import {
  formatNodeOf,
  type GuessedFormat,
  type GuessedInput,
  guessInputFormat,
  guessTimeField,
  inputOfNode,
  queryRule,
  type SaidFormat,
  type TimeSpan,
} from '../project/index.ts'
import {assertLoadedRule, type Rule} from '../rules/index.ts'
import type {FileSink} from './file-sink.ts'
import {minuteOf} from './moments.ts'
import type {SinkFlags} from './rule-sink.ts'
import {runSession, type SessionRequest} from './run-session.ts'
import type {SessionFlags} from './session-flags.ts'
import type {SessionResult} from './session-result.ts'

export interface QueryFlags extends SessionFlags, SaidFormat, SinkFlags {
  readonly format?: string | undefined
  readonly out?: string | undefined
  readonly table?: string | undefined
  readonly key?: readonly string[] | undefined
  readonly value?: readonly string[] | undefined
  readonly where?: string | undefined
  readonly 'parse-json'?: readonly string[] | undefined
  readonly explode?: readonly string[] | undefined
  readonly since?: string | undefined
  readonly until?: string | undefined
  readonly time?: string | undefined
  readonly pattern?: string | undefined
  readonly settings?: string | undefined
}

/**
 * @param files - none: standard input, unless that is a terminal
 * @throws UserError BAD_FLAG, BAD_EXPRESSION for what the flags say; what a run throws
 */
export async function runQuery(files: readonly string[], flags: QueryFlags): Promise<SessionResult> {
  const inputs = files.length > 0 ? files : process.stdin.isTTY ? [] : ['-']
  if (inputs.length === 0)
    throw new UserError('BAD_FLAG', 'there is no input', {hint: 'name files, or pipe them in', exitCode: 2})
  if (flags.key === undefined && flags.value === undefined)
    throw new UserError('BAD_FLAG', 'there is nothing to group by or to add up', {
      hint:
        inputs[0] === '-'
          ? 'name fields: -k domain -v count'
          : `see its fields, and a query to begin with: inferno infer ${printable(inputs[0]!)}`,
      exitCode: 2,
    })
  const unused =
    flags.to === undefined && (flags.mode !== undefined ? '--mode' : flags.table !== undefined ? '--table' : undefined)
  if (unused) {
    throw new UserError('BAD_FLAG', `${unused} is for a database`, {hint: 'name it: --to sqlite:FILE', exitCode: 2})
  }
  const settings = await loadSettings(flags.settings)
  const rule = await checkedRule(flags, inputs, Date.now())
  const source = {rule, module: 'query', address: null}
  const request = {source, inputs, params: settings.params ?? {}, flags, settings}
  await using sink = flags.to === undefined ? undefined : await openSink(request)
  return await runSession({...request, sink})
}

/** Loaded only where there is one: most queries print their rows. */
async function openSink(request: SessionRequest & {readonly flags: QueryFlags}): Promise<FileSink | undefined> {
  const {FileSink: Sink} = await import('./file-sink.ts')
  return Sink.open({...request, flags: {...request.flags, watch: false}})
}

/** What is wrong with the rule is wrong with the flags it was made of. */
async function checkedRule(flags: QueryFlags, inputs: readonly string[], nowMs: number): Promise<Rule> {
  const asked = askedSpan(flags, nowMs)
  const {format, node, isYearless} = await inputOf(flags, inputs)
  const span = asked && {...asked, field: flags.time ?? (await timeFieldOf(flags, inputs, node))}
  try {
    const {where, explode, table} = flags
    const {key: keys = [], value: values = [], 'parse-json': parseJson} = flags
    const usesTime = span !== undefined || /\btime\b/.test([...keys, ...values, where].join(' '))
    const lastDay = isYearless && usesTime ? tomorrow(nowMs) : undefined
    const made = queryRule({keys, values, where, parseJson, explode, lastDay, span, table, format})
    const rule: Rule = {...made, definedAt: undefined}
    await assertLoadedRule(rule)
    return rule
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    const {code, message, hint} = error
    throw new UserError(code, message, {exitCode: 2, ...(hint === undefined ? {} : {hint})})
  }
}

async function inputOf(flags: QueryFlags, inputs: readonly string[]): Promise<GuessedInput> {
  const {pattern} = flags
  const node: GuessedFormat | undefined = pattern === undefined ? formatNodeOf(flags) : {format: 'regex', pattern}
  if (node !== undefined) return inputOfNode(node)
  const guessed = await guessInputFormat(inputs)
  if (guessed.format !== 'json') tell(flags, `reading as ${guessed.description}; --from says otherwise`)
  return guessed
}

function tell({quiet, json}: QueryFlags, note: string): void {
  if (!quiet && !json) process.stderr.write(`${note}\n`)
}

/** @throws UserError BAD_FLAG where the first records have no time */
async function timeFieldOf(flags: QueryFlags, inputs: readonly string[], node: GuessedFormat): Promise<string> {
  const field = await guessTimeField(inputs, node)
  const flag = flags.since === undefined ? '--until' : '--since'
  if (field === undefined) {
    throw new UserError('BAD_FLAG', `${flag}: the first records have no field that is a time for certain`, {
      hint: 'name it: --time FIELD',
      exitCode: 2,
    })
  }
  if (field !== 'time') tell(flags, `the time of a record is ${printable(field)}; --time says otherwise`)
  return field
}

/** @throws UserError BAD_FLAG for a moment that cannot be read, and for --time without one */
function askedSpan({since, until, time}: QueryFlags, nowMs: number): Omit<TimeSpan, 'field'> | undefined {
  if (since === undefined && until === undefined) {
    if (time === undefined) return undefined
    throw new UserError('BAD_FLAG', '--time is for --since and --until', {hint: 'leave it out', exitCode: 2})
  }
  return {
    since: since === undefined ? undefined : minuteOf('--since', since, nowMs),
    until: until === undefined ? undefined : minuteOf('--until', until, nowMs),
  }
}

const dayMs = 86_400_000

/** Clocks of other zones may be a day ahead. */
const tomorrow = (nowMs: number): string => new Date(nowMs + dayMs).toISOString().slice(0, 10)
