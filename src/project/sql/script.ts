/** Rules as SQL that a person can keep. The differential test runs these very scripts. */
import {UserError} from '../../base/index.ts'
import {compilePlan, type Params, planHash} from '../../rules/index.ts'
import {type CompiledSql, clickhouse, compileSql, duckdb, runQuery} from '../../sql/index.ts'
import {possibleWayText} from '../clickhouse/stay.ts'
import type {RuleTarget} from '../run/index.ts'
import {overlayParams} from '../run/rule-params.ts'

export type SqlName = 'clickhouse' | 'duckdb'

export interface SqlRequest {
  readonly target: RuleTarget
  readonly params: Params
  readonly engine: SqlName
  /** A file or a glob, as the engine reads it. */
  readonly input: string
  /** What `inferno run` asks, which finishes the rows itself: not a script that gives them. */
  readonly isOfRun?: boolean
  /** The sink of the settings, for rules that name none. */
  readonly sinkTo?: string | undefined
}

export interface SqlExport {
  readonly rule: string
  readonly engine: SqlName
  readonly sql: string
  /** Which way the rows of `inferno run --engine` would go; undefined of a script. */
  readonly rows?: string
}

export interface SqlRefusal {
  readonly rule: string
  readonly engine: SqlName
  readonly refused: readonly string[]
}

const dialects = {clickhouse, duckdb} as const

/** The script, or everything for which there is none. */
export function sqlOf({target, params, engine, input, isOfRun = false, sinkTo}: SqlRequest): SqlExport | SqlRefusal {
  const {rule, module, keyset} = target
  const {plan} = compilePlan(rule, {module: module.name, ...(keyset === undefined ? {} : {keyset})})
  const all = overlayParams(rule.options.params, params)
  const compiled = compileSql({plan, params: all, dialect: dialects[engine], isFinishedHere: isOfRun})
  if ('refused' in compiled) return {rule: plan.rule, engine, refused: compiled.refused}
  const title = `Rule ${oneLine(plan.rule)} for ${engine}, plan ${planHash(plan)}.`
  if (!isOfRun) return {rule: plan.rule, engine, sql: runScript(compiled, input, [title, '', ...meaning(compiled)])}
  const rows = possibleWayText(rule, sinkTo)
  const way = [`The rows of inferno run --engine ${rows}.`, 'inferno run --engine … --dry-run asks the server.', '']
  return {rule: plan.rule, engine, rows, sql: runScript(compiled, input, [title, '', ...way, ...meaning(compiled)])}
}

/** @throws UserError BAD_RULE with all reasons, when there is no script */
export function exportSql(request: SqlRequest): SqlExport {
  const found = sqlOf(request)
  if ('sql' in found) return found
  throw new UserError('BAD_RULE', `${found.rule} has no exact query for ${found.engine}: ${found.refused.join('; ')}`, {
    hint: 'change what is named, or run the rule with: inferno run',
  })
}

/** The query as a script, or the reasons why there is none, one a line. */
export function sqlText(found: SqlExport | SqlRefusal): string {
  if ('sql' in found) return found.sql
  const reasons = found.refused.map(reason => `  ${reason}\n`)
  return `${found.rule} has no exact query for ${found.engine}:\n${reasons.join('')}`
}

/** @param input - a file or a glob; it stands at the head of the query, to be changed there */
export function runScript(compiled: CompiledSql, input: string, comments: readonly string[]): string {
  const {dialect} = compiled
  const head = comments.map(line => `-- ${line}`.trimEnd()).join('\n')
  const path = dialect.text(input)
  const lines = compiled.needsHeader ? dialect.fileLinesWithHeader(path) : dialect.fileLines(path)
  return `${head}\nWITH input_lines AS (\n${lines}\n)\n${runQuery(compiled, 'SELECT * FROM input_lines')}\n`
}

function meaning({keysets, needsHeader, afterwards, dialect: {name}}: CompiledSql): readonly string[] {
  const numbers = keysets.map(({plan}, index) => `  ${index}  ${oneLine(plan.name)}`)
  return [
    'Each row belongs to the keyset of its number, and only the columns of that keyset mean something in it:',
    ...numbers,
    `  ${keysets.length}  the account: one row, whose columns "lines …" count what became of the lines`,
    'Rows come in any order. Of an average there are two columns, sum and count; of a first or last value its kind (s text, n number,',
    'b true or false) and the value; texts that are counted or collected come as JSON.',
    '',
    'The rows are exact only if "lines unsure" is 0 in the account. Lines are unsure when a query cannot judge them as the',
    'rule does: numbers beyond its decimals, text made of arrays, deep nesting, CSV whose quotes hold a line end. With one of them,',
    'use: inferno run',
    'in = used + filtered + bad. Blank lines are in none of them.',
    ...(afterwards.length === 0
      ? []
      : ['', 'inferno run does the rest with the rows, here:', ...afterwards.map(each => `  ${oneLine(each)}`)]),
    '',
    ...howToRun[name],
    ...(needsHeader
      ? ['The first line of each file names the fields: instead of it, columns "header" and "is_header" beside "line".']
      : []),
    '',
  ]
}

const howToRun = {
  clickhouse: [
    'The lines come from files, compressed ones too: change the path below. On a server it is relative to user_files; for files of',
    'your own: clickhouse local --queries-file THIS. From a table: put a query with one column "line" there instead.',
  ],
  duckdb: [
    'The lines come from files that are not compressed: change the path below. Each file is read into memory as a whole.',
    'From a table: put a query with one column "line" there instead. Sums of more than 16 digits before the point end the query.',
  ],
} as const

/** A name from a rule cannot end the comment that it stands in. */
export function oneLine(text: string): string {
  return JSON.stringify(text)
}
