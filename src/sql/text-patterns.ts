/** What patterns take out of text, and put into it. */
import {compilePattern, type TransformNode} from '../rules/index.ts'
import type {Columns} from './columns.ts'
import {enginePattern, engineReplacement, groupPart} from './patterns.ts'
import {refuse} from './refused.ts'
import type {Value} from './values.ts'

/**
 * What a group finds in a text; null without a match, and where the group took no part in it.
 *
 * @param what - for refusals
 * @throws Refused
 */
export function extractedText(columns: Columns, text: string, pattern: string, group: number, what: string): Value {
  const {dialect} = columns
  const search = enginePattern(what, pattern)
  const part = groupPart(pattern, group)
  if (part === undefined) {
    refuse(what, 'a group of the pattern is optional, and no match of it and an empty one could not be told apart')
  }
  const found = columns.add(dialect.extract(text, search, group))
  const isNull = part === 'always' ? `NOT ${dialect.matches(text, search)}` : `${found} = ''`
  return {kind: columns.cases([[isNull, "'z'"]], "'s'"), text: found, isScalar: true}
}

/** @throws Refused */
export function extractGroup({pattern, group}: Extract<TransformNode, {readonly transform: 'extract'}>): number {
  if (typeof group === 'number') return group
  return compilePattern(pattern).groupNames.get(group) ?? refuse('extract', `the pattern has no group ${group}`)
}

/** @throws Refused */
export function replacedText(
  columns: Columns,
  text: string,
  node: Extract<TransformNode, {readonly transform: 'replace'}>,
): string {
  const {pattern, replacement} = engineReplacement(node.pattern, node.replacement)
  return columns.dialect.replaceAll(text, pattern, replacement)
}
