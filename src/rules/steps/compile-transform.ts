/** From transform nodes to functions of one value. */
import {UserError, unreachable} from '../../base/index.ts'
import {compilePattern} from '../patterns/index.ts'
import type {FunctionRef, TransformNode} from '../plan.ts'
import {compileTimeBucket} from '../time.ts'
import type {TransformFunction} from '../types.ts'
import {hostOfUrl, networkOfIp} from './transform-network.ts'
import {alphanumericText, firstCharacters, floatOf, hashOf, integerOf, onText, paddedInteger} from './transform-text.ts'
import {compileWithYear} from './with-year.ts'

/** Finds the function of a rule that a plan refers to. */
export type ResolveFunction = (ref: FunctionRef) => (...given: never[]) => unknown

/**
 * Makes the function of a transform node. Some keep a small cache (patterns, time zones), so make one per thread and column and
 * call it often.
 *
 * Built-in transforms never throw on JSON values nested less than some thousand levels.
 *
 * @throws UserError BAD_RULE when the node's pattern does not compile
 */
export function compileTransform(node: TransformNode, resolveFunction: ResolveFunction): TransformFunction {
  switch (node.transform) {
    case 'toInt':
      return integerOf
    case 'toFloat':
      return floatOf
    case 'lower':
      return onText(text => text.toLowerCase())
    case 'upper':
      return onText(text => text.toUpperCase())
    case 'alphanumeric':
      return onText(alphanumericText)
    case 'urlHost':
      return hostOfUrl
    case 'truncateIp':
      return networkOfIp
    case 'trimTo':
      return onText(text => firstCharacters(text, node.length))
    case 'padInt':
      return value => paddedInteger(value, node.width, node.fill)
    case 'replace':
      return compileReplace(node.pattern, node.replacement)
    case 'extract':
      return compileExtract(node.pattern, node.group)
    case 'hashed':
      return onText(text => hashOf(text, node.salt, node.length))
    case 'withYear':
      return compileWithYear(node.lastDay)
    case 'minute':
    case 'hour':
    case 'day':
    case 'week':
      return compileTimeBucket(node.transform, node.zone, node.unit)
    case 'function':
      return resolveFunction(node.ref) as TransformFunction
    default:
      return unreachable(node)
  }
}

/** Makes one function of a chain: each transform gets what the one before gave. */
export function compileTransforms(
  chain: readonly TransformNode[],
  resolveFunction: ResolveFunction,
): TransformFunction {
  const transforms = chain.map(node => compileTransform(node, resolveFunction))
  const [first, second] = transforms
  if (first === undefined) return value => value
  if (second === undefined) return first
  if (transforms.length === 2) return value => second(first(value))
  return value => {
    let current = value
    for (const transform of transforms) current = transform(current)
    return current
  }
}

function compileReplace(pattern: string, replacement: string): TransformFunction {
  const compiled = compilePattern(pattern)
  // Behind a step that gives few texts, such as minute, the last one mostly comes again.
  let lastText: string | undefined
  let lastResult = ''
  return onText(text => {
    if (text !== lastText) {
      lastResult = compiled.replaceAll(text, replacement)
      lastText = text
    }
    return lastResult
  })
}

function compileExtract(pattern: string, group: number | string): TransformFunction {
  const compiled = compilePattern(pattern)
  const index = typeof group === 'number' ? group : compiled.groupNames.get(group)
  if (index === undefined)
    throw new UserError('BAD_RULE', `the pattern ${JSON.stringify(pattern)} has no group ${group}`)
  return onText(text => compiled.exec(text)?.[index] ?? null)
}
