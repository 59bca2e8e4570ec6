/** `inferno query`: a rule from flags, run like any other. */
import {UserError} from '../base/index.ts'
import {loadSettings} from '../client/index.ts'
import {guessInputFormat, queryRule} from '../project/index.ts'
import {assertLoadedRule, type Format, type Rule} from '../rules/index.ts'
import {runSession, type SessionFlags, type SessionResult} from './run-session.ts'

export interface QueryFlags extends SessionFlags {
  readonly key?: readonly string[] | undefined
  readonly value?: readonly string[] | undefined
  readonly where?: string | undefined
  readonly from?: string | undefined
  readonly pattern?: string | undefined
  readonly settings?: string | undefined
}

export async function runQuery(files: readonly string[], flags: QueryFlags): Promise<SessionResult> {
  const inputs = files.length > 0 ? files : process.stdin.isTTY ? [] : ['-']
  if (inputs.length === 0)
    throw new UserError('BAD_FLAG', 'there is no input', {hint: 'name files, or pipe them in', exitCode: 2})
  if (flags.key === undefined && flags.value === undefined)
    throw new UserError('BAD_FLAG', 'there is nothing to group by or to add up', {
      hint: 'name fields: -k domain -v count',
      exitCode: 2,
    })
  const settings = await loadSettings(flags.settings)
  const rule = await checkedRule(flags, await formatOf(flags, inputs))
  return runSession({
    source: {rule, module: 'query', address: null},
    inputs,
    params: settings.params ?? {},
    flags,
    settings,
  })
}

/** What is wrong with the rule is wrong with the flags it was made of. */
async function checkedRule(flags: QueryFlags, format: Format): Promise<Rule> {
  try {
    const made = queryRule({keys: flags.key ?? [], values: flags.value ?? [], where: flags.where, format})
    const rule: Rule = {...made, definedAt: undefined}
    await assertLoadedRule(rule)
    return rule
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    const {code, message, hint} = error
    throw new UserError(code, message, {exitCode: 2, ...(hint === undefined ? {} : {hint})})
  }
}

async function formatOf({from, pattern, quiet, json}: QueryFlags, inputs: readonly string[]): Promise<Format> {
  if (pattern !== undefined) return {type: 'regex', pattern}
  if (from === 'csv') return {type: 'csv', fields: 'header'}
  if (from === 'tsv') return {type: 'csv', fields: 'header', dialect: 'excel-tab'}
  if (from !== undefined) return from as Format
  const {format, description} = await guessInputFormat(inputs)
  if (format !== 'json' && !quiet && !json) process.stderr.write(`reading as ${description}; --from says otherwise\n`)
  return format
}
