import type {Params, StepNode} from '../rules/index.ts'
import type {Columns} from './columns.ts'
import {conditionOf, type Scope, valueOfNode} from './expressions.ts'
import {type Fields, selectedFields, withOwn} from './fields.ts'
import {lookupRowsMax} from './limits.ts'
import {refuse} from './refused.ts'
import {explodedRecord, splitRecord} from './several-records.ts'
import {either, isMissing, valueOfJson} from './values.ts'

/** A record on its way: where it still is one, and its fields. */
export interface Flow {
  readonly alive: string
  readonly fields: Fields
}

/** @throws Refused */
export function afterSteps(columns: Columns, params: Params, steps: readonly StepNode[], start: Flow): Flow {
  let flow = start
  for (const step of steps) flow = afterStep(columns, params, step, flow)
  return flow
}

function afterStep(columns: Columns, params: Params, step: StepNode, {alive, fields}: Flow): Flow {
  const scope = (current: Fields): Scope => ({columns, params, alive, read: path => current.read(path)})
  switch (step.step) {
    case 'where':
      return {alive: columns.add(`(${alive} AND ${conditionOf(scope(fields), step.condition)})`), fields}
    case 'select':
      return {alive, fields: selectedFields(columns, fields, step.fields)}
    case 'derive': {
      let current = fields
      for (const {name, value} of step.fields) {
        current = withOwn(columns, current, name, valueOfNode(scope(current), value))
      }
      return {alive, fields: current}
    }
    case 'lookup':
      return lookedUp(columns, step, {alive, fields})
    case 'explode':
      return explodedRecord(columns, step, {alive, fields})
    case 'splitWords':
      return splitRecord(columns, step, {alive, fields})
    case 'parseJson':
      return refuse('parseJson', 'it is not translated yet')
    case 'function':
      return refuse(step.hook, 'it is a function of the rule, which only Node.js can run')
  }
}

function lookedUp(columns: Columns, step: Extract<StepNode, {readonly step: 'lookup'}>, {alive, fields}: Flow): Flow {
  const {dialect} = columns
  const rows = Object.entries(step.table)
  if (rows.length > lookupRowsMax)
    refuse('lookup', `a table of more than ${lookupRowsMax} rows does not fit into a query`)
  const value = fields.read(step.field)
  columns.unsureWhen(`${alive} AND ${value.kind} IN ('c', 'x')`)
  const keys = rows.map(([key]) => dialect.text(key)).join(', ')
  const isFound = columns.add(
    rows.length === 0 ? 'false' : `(NOT (${isMissing(value)}) AND ${value.text} IN (${keys}))`,
  )
  let after = fields
  for (const {column, as} of step.columns) {
    const branches = rows.map(([key, row]): [string, string] => {
      const cell = Object.hasOwn(row, column) ? row[column] : null
      return [`${value.text} = ${dialect.text(key)}`, dialect.text(JSON.stringify(cell))]
    })
    const json = columns.cases([[`NOT ${isFound}`, "''"], ...branches], "''")
    after = withOwn(columns, after, as, either(columns, isFound, valueOfJson(columns, json), fields.own(as)))
  }
  return {alive: step.unmatched === 'keep' ? alive : columns.add(`(${alive} AND ${isFound})`), fields: after}
}
