/** Transforms as calls in text: `lower(domain)`, `trimTo(name, 20)`, `day(time, "Europe/Berlin")`. The value comes first. */
import {didYouMean, UserError, unreachable} from '../../base/index.ts'
import type {TransformNode} from '../plan.ts'
import * as transforms from '../steps/transforms.ts'
import {planNode, type TransformStep} from '../types.ts'

export type CallArgument = string | number

/** What is not given is undefined, and the factories check what is. */
type MakeStep = (...given: (string & number)[]) => TransformStep

const timeCall =
  (make: (options: transforms.TimeOptions) => TransformStep): MakeStep =>
  (zone, unit) =>
    make({...(zone === undefined ? {} : {zone}), ...(unit === undefined ? {} : {unit: unit as never})})

const calls: Readonly<Record<string, {readonly make: MakeStep; readonly countMin: number; readonly countMax: number}>> =
  {
    toInt: {make: () => transforms.toInt, countMin: 0, countMax: 0},
    toFloat: {make: () => transforms.toFloat, countMin: 0, countMax: 0},
    lower: {make: () => transforms.lower, countMin: 0, countMax: 0},
    upper: {make: () => transforms.upper, countMin: 0, countMax: 0},
    alphanumeric: {make: () => transforms.alphanumeric, countMin: 0, countMax: 0},
    urlHost: {make: () => transforms.urlHost, countMin: 0, countMax: 0},
    truncateIp: {make: () => transforms.truncateIp, countMin: 0, countMax: 0},
    trimTo: {make: transforms.trimTo, countMin: 1, countMax: 1},
    padInt: {make: transforms.padInt, countMin: 1, countMax: 2},
    replace: {make: transforms.replace, countMin: 2, countMax: 2},
    extract: {make: transforms.extract, countMin: 1, countMax: 2},
    hashed: {
      make: (salt, length) => transforms.hashed(length === undefined ? {salt} : {salt, length}),
      countMin: 1,
      countMax: 2,
    },
    withYear: {make: transforms.withYear, countMin: 1, countMax: 1},
    minute: {make: timeCall(transforms.minute), countMin: 0, countMax: 2},
    hour: {make: timeCall(transforms.hour), countMin: 0, countMax: 2},
    day: {make: timeCall(transforms.day), countMin: 0, countMax: 2},
    week: {make: timeCall(transforms.week), countMin: 0, countMax: 2},
  }

/** Names that can be called. */
export const transformNames: readonly string[] = Object.keys(calls)

/**
 * The transform of a call.
 *
 * @param given - what stands after the value
 * @throws UserError BAD_RULE or BAD_EXPRESSION that says what is wrong with the name or the arguments
 */
export function transformOfCall(name: string, given: readonly CallArgument[]): TransformNode {
  const call = Object.hasOwn(calls, name) ? calls[name] : undefined
  if (call === undefined) {
    throw new UserError('BAD_EXPRESSION', `there is no transform "${name}".${didYouMean(name, transformNames)}`)
  }
  if (given.length < call.countMin || given.length > call.countMax) {
    const wanted = call.countMin === call.countMax ? `${call.countMin}` : `${call.countMin} to ${call.countMax}`
    throw new UserError('BAD_EXPRESSION', `${name} has ${given.length} arguments after the value, expected ${wanted}`)
  }
  return call.make(...(given as (string & number)[]))[planNode]
}

/** The arguments that make a transform; those that have their default at the end are left out. */
export function argumentsOf(node: TransformNode): readonly CallArgument[] {
  switch (node.transform) {
    case 'toInt':
    case 'toFloat':
    case 'lower':
    case 'upper':
    case 'alphanumeric':
    case 'urlHost':
    case 'truncateIp':
    case 'function':
      return []
    case 'trimTo':
      return [node.length]
    case 'padInt':
      return node.fill === ' ' ? [node.width] : [node.width, node.fill]
    case 'replace':
      return [node.pattern, node.replacement]
    case 'extract':
      return [node.pattern, node.group]
    case 'hashed':
      return [node.salt, node.length]
    case 'withYear':
      return [node.lastDay]
    case 'minute':
    case 'hour':
    case 'day':
    case 'week':
      if (node.unit !== 'auto') return [node.zone, node.unit]
      return node.zone === 'UTC' ? [] : [node.zone]
    default:
      return unreachable(node)
  }
}
