import type {TransformNode} from '../rules/index.ts'
import type {Columns} from './columns.ts'
import {notYet, refuse} from './refused.ts'
import {doubleText, isMissing, numberOf, type Value} from './values.ts'

/**
 * The value that a chain of transforms makes. Absent stays absent.
 *
 * @param alive - where the chain is applied at all
 * @throws Refused
 */
export function transformed(columns: Columns, value: Value, chain: readonly TransformNode[], alive: string): Value {
  let current = value
  for (const node of chain) current = once(columns, current, node, alive)
  return current
}

function once(columns: Columns, value: Value, node: TransformNode, alive: string): Value {
  const {dialect} = columns
  switch (node.transform) {
    case 'toInt': {
      const {digits} = numberOf(columns, value)
      columns.unsureWhen(`${alive} AND ${digits} = 'x'`)
      return numberValue(
        columns,
        value,
        `CASE WHEN ${dialect.matches(digits, '^-?[0-9]+$')} THEN ${digits} ELSE '0' END`,
      )
    }
    case 'toFloat': {
      const {digits} = numberOf(columns, value)
      const text = doubleText(columns, dialect.double(`CASE WHEN ${digits} = '' THEN '0' ELSE ${digits} END`))
      columns.unsureWhen(`${alive} AND ${value.kind} <> '' AND ${text} = 'x'`)
      return numberValue(columns, value, text)
    }
    case 'lower':
    case 'upper':
      columns.unsureWhen(`${alive} AND ${isText(value)} AND ${dialect.matches(value.text, '[^\\x00-\\x7f]')}`)
      return onText(columns, value, `${node.transform}(${value.text})`, alive)
    case 'alphanumeric': {
      const words = dialect.replaceAll(value.text, '[^A-Za-z0-9_]+', ' ')
      return onText(columns, value, `lower(${dialect.replaceAll(words, '^ | $', '')})`, alive)
    }
    case 'trimTo':
      return onText(columns, value, dialect.firstCharacters(value.text, node.length), alive)
    case 'hashed': {
      const hash = dialect.sha256(`concat(${dialect.text(node.salt)}, ${value.text})`)
      return onText(columns, value, `substring(${hash}, 1, ${node.length})`, alive)
    }
    case 'padInt':
      return padded(columns, value, node, alive)
    case 'extract':
      return extracted(columns, value, node, alive)
    case 'replace':
      return refuse('replace', `${notYet}; what $1 and \\1 mean differs between libraries`)
    case 'minute':
    case 'hour':
    case 'day':
    case 'week':
      return refuse(node.transform, `${notYet}; a timestamp may have any of the forms of logs`)
    case 'urlHost':
    case 'truncateIp':
      return refuse(node.transform, `${notYet}; neither engine cuts hosts and addresses as rules do`)
    case 'function':
      return refuse(node.ref.hook, 'it is a function of the rule, which only Node.js can run')
  }
}

function isText({kind}: Value): string {
  return `${kind} IN ('s', 'n', 'b', 'c', 'x')`
}

function numberValue(columns: Columns, {kind}: Value, text: string): Value {
  return {kind: columns.cases([[`${kind} = ''`, "''"]], "'n'"), text: columns.add(text)}
}

/** Null stays null. Arrays and objects would have to be written as JavaScript writes them: a run with one is refused. */
function onText(columns: Columns, value: Value, text: string, alive: string): Value {
  columns.unsureWhen(`${alive} AND ${value.kind} IN ('c', 'x')`)
  return {kind: columns.cases([[isMissing(value), value.kind]], "'s'"), text: columns.add(text)}
}

function padded(
  columns: Columns,
  value: Value,
  {width, fill}: Extract<TransformNode, {readonly transform: 'padInt'}>,
  alive: string,
): Value {
  const {dialect} = columns
  if (fill.length !== 1 || fill.codePointAt(0)! > 0x7f)
    refuse('padInt', `a fill other than one ASCII character: ${notYet}`)
  const {digits} = numberOf(columns, value)
  columns.unsureWhen(`${alive} AND NOT (${isMissing(value)}) AND ${digits} = 'x'`)
  const whole = columns.add(`CASE WHEN ${dialect.matches(digits, '^-?[0-9]+$')} THEN ${digits} ELSE '0' END`)
  const plain = dialect.padLeft(whole, width, fill)
  const text =
    fill === '0'
      ? `CASE WHEN ${dialect.startsWith(whole, "'-'")} THEN concat('-', ${dialect.padLeft(`substring(${whole}, 2)`, width - 1, fill)}) ELSE ${plain} END`
      : plain
  return {kind: columns.cases([[isMissing(value), value.kind]], "'s'"), text: columns.add(text)}
}

function extracted(
  columns: Columns,
  value: Value,
  {pattern, group}: Extract<TransformNode, {readonly transform: 'extract'}>,
  alive: string,
): Value {
  const {dialect} = columns
  if (typeof group === 'string') return refuse('extract', `a group by its name: ${notYet}, one by its number is`)
  // A group that takes no part gives null here and empty text there.
  if (group > 0 && /\||\)[?*{]/.test(pattern)) {
    return refuse('extract', 'a group of the pattern is optional: no match and an empty match could not be told apart')
  }
  const {kind, text} = onText(columns, value, dialect.extract(value.text, pattern, group), alive)
  return {kind: columns.cases([[`${kind} = 's' AND NOT ${dialect.matches(value.text, pattern)}`, "'z'"]], kind), text}
}
