/** `inferno export` and `inferno explain --engine`. */
import {writeFileSync} from 'node:fs'
import {printable, UserError} from '../base/index.ts'
import {createSql, exportSql, type SqlExport, type SqlName, type SqlRefusal, sqlOf, sqlText} from '../project/index.ts'
import {parametersOf, type RuleFlags, targetsOf} from './rule-targets.ts'

export interface ExportFlags extends RuleFlags {
  readonly sql: string
  readonly input?: string | undefined
  readonly create?: boolean | undefined
  readonly out?: string | undefined
  readonly json?: boolean | undefined
}

/** Prints the queries, or writes the one there is to `--out`. */
export async function exportRules(reference: string, flags: ExportFlags): Promise<readonly SqlExport[]> {
  const {params} = await parametersOf(flags)
  const engine = flags.sql as SqlName
  const targets = await targetsOf(reference, flags)
  if (flags.out !== undefined && targets.length > 1) {
    const names = targets.map(({rule}) => rule.options.name).join(', ')
    throw new UserError('BAD_FLAG', '--out is of one rule', {hint: `name one: ${names}`, exitCode: 2})
  }
  const write = flags.create === true ? createSql : exportSql
  const input = flags.input ?? (flags.create === true ? 'table:logs' : 'logs/*.json')
  const exported = targets.map(target => write({target, params, engine, input}))
  const text = exported.map(({sql}) => sql).join('\n')
  if (flags.out !== undefined) writeQuery(flags.out, text)
  else if (flags.json !== true) process.stdout.write(text)
  return exported
}

/** Prints the queries of a rule, or why it has none: that is an answer here, and not an error as in `inferno export`. */
export async function explainSql(
  reference: string,
  engine: SqlName,
  flags: RuleFlags & {readonly json?: boolean | undefined},
): Promise<readonly (SqlExport | SqlRefusal)[]> {
  const {params, settings} = await parametersOf(flags)
  const targets = await targetsOf(reference, flags)
  const sinkTo = settings.sink?.to
  // Only ClickHouse is an engine of runs; what explains DuckDB explains a script.
  const isOfRun = engine === 'clickhouse'
  const found = targets.map(target => sqlOf({target, params, engine, input: 'logs/*.json', isOfRun, sinkTo}))
  if (flags.json !== true) process.stdout.write(found.map(sqlText).join('\n'))
  return found
}

function writeQuery(path: string, text: string): void {
  try {
    writeFileSync(path, text)
  } catch (error) {
    throw new UserError('OUTPUT_FAILED', `cannot write ${printable(path)}: ${(error as Error).message}`, {cause: error})
  }
}
