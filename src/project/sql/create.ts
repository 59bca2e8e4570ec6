/** Tables and materialised views that keep the rows of a rule up to date, as a script that a person can keep. */
import {UserError} from '../../base/index.ts'
import {compilePlan, planHash} from '../../rules/index.ts'
import {tablesOf} from '../../sinks/index.ts'
import {clickhouse, clickhouseSummary} from '../../sql/index.ts'
import {type NamedInput, namedInput} from '../clickhouse/named-input.ts'
import {overlayParams} from '../run/rule-params.ts'
import {oneLine, type SqlExport, type SqlRequest} from './script.ts'

/** A name inside single quotes of a shell, inside a comment. */
const shellName = (name: string): string =>
  clickhouse
    .identifier(name)
    .replaceAll("'", "'\\''")
    .replace(/[\u0000-\u001f\u007f]/g, '?')

function insertedInto({database, table, column}: Extract<NamedInput, {readonly type: 'table'}>): string {
  const named = [database, table].filter(name => name !== '').map(shellName)
  return `${named.join('.')} (${shellName(column)})`
}

/** @throws UserError BAD_RULE with the reasons when there is none, BAD_FLAG for an input that is no table */
export function createSql({target, params, engine, input}: SqlRequest): SqlExport {
  if (engine !== 'clickhouse') {
    throw new UserError('BAD_FLAG', '--create is for ClickHouse: DuckDB has no views that keep themselves up to date', {
      hint: 'leave it out, or use: --sql clickhouse',
      exitCode: 2,
    })
  }
  const table = input.startsWith('table:') ? namedInput(input) : undefined
  if (table?.type !== 'table') {
    throw new UserError('BAD_FLAG', `--create follows the lines of a table, and ${input} is none`, {
      hint: 'name it: --input table:logs, or table:DATABASE.TABLE/COLUMN',
      exitCode: 2,
    })
  }
  const {rule, module, keyset} = target
  const {plan} = compilePlan(rule, {module: module.name, ...(keyset === undefined ? {} : {keyset})})
  const viewNames = new Map(tablesOf(plan).map(({keyset: name, name: view}) => [name, view]))
  const accountName = `${rule.options.name}_account`
  const all = overlayParams(rule.options.params, params)
  const found = clickhouseSummary({plan, params: all, table, viewNames, accountName})
  if ('refused' in found) {
    throw new UserError('BAD_RULE', `${plan.rule} cannot be kept up to date exactly: ${found.refused.join('; ')}`, {
      hint: 'change what is named, or run the rule with: inferno run',
    })
  }
  const head = [
    `Rule ${oneLine(plan.rule)} for clickhouse, kept up to date; plan ${planHash(plan)}.`,
    '',
    ...[...viewNames].map(([name, view]) => `  ${oneLine(view)}  the rows of keyset ${oneLine(name)}`),
    `  ${oneLine(accountName)}  what became of the lines`,
    '',
    'The rows are exact only if "unsure" is 0 in the account; else use: inferno run',
    'Of an average there are two columns, sum and count. Keys come in any order: ORDER BY what you need.',
    'Only lines count that are inserted from now on, and those that are deleted later stay counted. When the rule changes, drop',
    'these tables and views, make them anew and load the lines again.',
    '',
    'Run it with: clickhouse client --queries-file THIS',
    'Load lines with this setting, which the views take from the insert; without it an insert takes seconds and gigabytes:',
    '  clickhouse client --short_circuit_function_evaluation=disable',
    `    -q 'INSERT INTO ${insertedInto(table)} FORMAT LineAsString' < FILE`,
  ]
  const comments = head.map(line => `-- ${line}`.trimEnd()).join('\n')
  const statements = found.map(({about, sql}) => `-- ${about}\n${sql};`).join('\n\n')
  return {rule: plan.rule, engine, sql: `${comments}\n\n${statements}\n`}
}
