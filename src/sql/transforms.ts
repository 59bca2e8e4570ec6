import type {TransformNode} from '../rules/index.ts'
import type {Columns} from './columns.ts'
import {oddLetters} from './letter-case.ts'
import {ipNetwork, urlHost} from './network.ts'
import {notYet, refuse} from './refused.ts'
import {extractedText, extractGroup, replacedText} from './text-patterns.ts'
import {timeBucket} from './time-buckets.ts'
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
      columns.unsureWhen(`${alive} AND ${isText(value)} AND ${dialect.matches(value.text, oddLetters(node.transform))}`)
      return onText(columns, value, dialect.changedCase(node.transform, value.text), alive)
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
      return onText(columns, value, replacedText(columns, value.text, node), alive)
    case 'minute':
    case 'hour':
    case 'day':
    case 'week':
      return timeBucket(columns, value, node, alive)
    case 'urlHost':
      return urlHost(columns, value, alive)
    case 'truncateIp':
      return ipNetwork(columns, value, alive)
    case 'withYear':
      return refuse('withYear', notYet)
    case 'function':
      return refuse(node.ref.hook, 'it is a function of the rule, which only Node.js can run')
  }
}

function isText({kind}: Value): string {
  return `${kind} IN ('s', 'n', 'b', 'c', 'x')`
}

function numberValue(columns: Columns, {kind}: Value, text: string): Value {
  return {kind: columns.cases([[`${kind} = ''`, "''"]], "'n'"), text: columns.add(text), isScalar: true}
}

/** Null stays null. Arrays and objects would have to be written as JavaScript writes them: a run with one is refused. */
function onText(columns: Columns, value: Value, text: string, alive: string): Value {
  columns.unsureWhen(`${alive} AND ${value.kind} IN ('c', 'x')`)
  return {kind: columns.cases([[isMissing(value), value.kind]], "'s'"), text: columns.add(text), isScalar: true}
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
  return {kind: columns.cases([[isMissing(value), value.kind]], "'s'"), text: columns.add(text), isScalar: true}
}

function extracted(
  columns: Columns,
  value: Value,
  node: Extract<TransformNode, {readonly transform: 'extract'}>,
  alive: string,
): Value {
  const found = extractedText(columns, value.text, node.pattern, extractGroup(node), 'extract')
  const {kind, text} = onText(columns, value, found.text, alive)
  return {kind: columns.cases([[`${kind} = 's'`, found.kind]], kind), text, isScalar: true}
}
