/** One readable line per step and transform, for explain. */
import {groupDigits, unreachable} from '../../base/index.ts'
import {printArguments, printExpression, transformName} from '../expressions/print.ts'
import type {FunctionRef, StepNode, TransformNode} from '../plan.ts'

/** `where price > 0`, `explode items as item`, `function slices (partsPreprocess[0])` … Salts are left out. */
export function describeStep(node: StepNode): string {
  switch (node.step) {
    case 'where':
      return `where ${printExpression(node.condition, {hideSalts: true})}`
    case 'select':
      return `select ${node.fields.join(', ')}`
    case 'derive':
      return `derive ${node.fields.map(({name, value}) => `${name} = ${printExpression(value, {hideSalts: true})}`).join(', ')}`
    case 'explode':
      return `explode ${node.field}${asName(node.field, node.as)}`
    case 'splitWords':
      return `split words of ${node.field}${asName(node.field, node.as)}`
    case 'parseJson':
      return `parse JSON in ${node.field}${asName(node.field, node.as)}`
    case 'lookup': {
      const columns = node.columns.map(({column, as}) => `${column}${asName(column, as)}`).join(', ')
      const rows = groupDigits(Object.keys(node.table).length)
      return `look up ${node.field} in a table of ${rows} rows: ${columns}; without a match ${node.unmatched}`
    }
    case 'function':
      return describeFunction(node)
    default:
      return unreachable(node)
  }
}

/** `toInt`, `trimTo(254)`, `day("Europe/Berlin")`, `function cleaned (fieldTransforms.name[0])` … Salts are left out. */
export function describeTransform(node: TransformNode): string {
  if (node.transform === 'function') return describeFunction(node.ref)
  const given = printArguments(node, {hideSalts: true})
  return given.length === 0 ? transformName(node) : `${transformName(node)}(${given.join(', ')})`
}

function describeFunction({name, hook}: FunctionRef): string {
  return name === '' ? `function at ${hook}` : `function ${name} (${hook})`
}

function asName(field: string, as: string): string {
  return field === as ? '' : ` as ${as}`
}
