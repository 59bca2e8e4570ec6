/** `inferno query`: a rule from flags, run like any other. */
import {UserError} from '../base/index.ts'
import {loadSettings} from '../client/index.ts'
import {formatNodeOf, guessInputFormat, inputOfNode, queryRule, type SaidFormat} from '../project/index.ts'
import {assertLoadedRule, type Format, type Rule} from '../rules/index.ts'
import type {FileSink} from './file-sink.ts'
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
      hint: 'name fields: -k domain -v count',
      exitCode: 2,
    })
  const unused =
    flags.to === undefined && (flags.mode !== undefined ? '--mode' : flags.table !== undefined ? '--table' : undefined)
  if (unused) {
    throw new UserError('BAD_FLAG', `${unused} is for a database`, {hint: 'name it: --to sqlite:FILE', exitCode: 2})
  }
  const settings = await loadSettings(flags.settings)
  const rule = await checkedRule(flags, await formatOf(flags, inputs))
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
async function checkedRule(flags: QueryFlags, format: Format): Promise<Rule> {
  try {
    const {where, explode, table} = flags
    const {key: keys = [], value: values = [], 'parse-json': parseJson} = flags
    const made = queryRule({keys, values, where, parseJson, explode, table, format})
    const rule: Rule = {...made, definedAt: undefined}
    await assertLoadedRule(rule)
    return rule
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    const {code, message, hint} = error
    throw new UserError(code, message, {exitCode: 2, ...(hint === undefined ? {} : {hint})})
  }
}

async function formatOf(flags: QueryFlags, inputs: readonly string[]): Promise<Format> {
  const {pattern, quiet, json} = flags
  if (pattern !== undefined) return {type: 'regex', pattern}
  const node = formatNodeOf(flags)
  if (node !== undefined) return inputOfNode(node).format
  const {format, description} = await guessInputFormat(inputs)
  if (format !== 'json' && !quiet && !json) process.stderr.write(`reading as ${description}; --from says otherwise\n`)
  return format
}
