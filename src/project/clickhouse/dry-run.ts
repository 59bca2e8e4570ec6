/** What ClickHouse would read, and where its rows would go. */
import type {Params} from '../../rules/index.ts'
import type {DryRun} from '../run/dry-run.ts'
import type {RuleTarget} from '../run/index.ts'
import type {NamedInput} from './named-input.ts'
import {namedInputs, prepared} from './run-inputs.ts'
import {type RowsWay, rowsWayText} from './stay.ts'

/** @throws UserError BAD_RULE for what has no exact query, BAD_FLAG for inputs that ClickHouse does not read */
export function dryRunOnClickhouse(
  {rule, module, keyset}: RuleTarget,
  inputs: readonly string[],
  params: Params,
  way: RowsWay,
): DryRun {
  const {plan} = prepared({rule, module: module.name, keyset, address: null}, {params})
  return {
    rule: plan.rule,
    innerRules: [],
    format: `${plan.format.format}, on ClickHouse`,
    inputs: namedInputs(rule, {inputs, params}).map(input => ({name: nameOf(input), bytes: null, compression: 'none'})),
    bytes: null,
    keysets: plan.keysets.map(({name, columns}) => ({name, columns})),
    rows: rowsWayText(way),
  }
}

function nameOf(input: NamedInput): string {
  if (input.type !== 'table') return input.url
  const {database, table, column} = input
  return `table ${database === '' ? '' : `${database}.`}${table}, column ${column}`
}
