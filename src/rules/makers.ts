/** Functions that make a step or an aggregate: a rule wants what they return, `fieldTransforms: {term: trimTo}` lacks a call. */
import * as aggregates from './aggregates.ts'
import * as steps from './steps/index.ts'

/** Each maker with a call as an example. */
const makers: ReadonlyMap<unknown, string> = new Map<unknown, string>([
  ...Object.entries(aggregates).map(([name, make]) => [make, `${name}(${name === 'count' ? '' : '"field"'})`] as const),
  [steps.trimTo, 'trimTo(100)'],
  [steps.padInt, 'padInt(10)'],
  [steps.replace, "replace('pattern', 'replacement')"],
  [steps.extract, "extract('pattern')"],
  [steps.hashed, "hashed({salt: '…'})"],
  [steps.minute, 'minute()'],
  [steps.hour, 'hour()'],
  [steps.day, 'day()'],
  [steps.week, 'week()'],
  [steps.where, "where('price > 0')"],
  [steps.select, "select('field')"],
  [steps.derive, 'derive({…})'],
  [steps.explode, "explode('field')"],
  [steps.splitWords, "splitWords('field')"],
  [steps.parseJson, "parseJson('field')"],
  [steps.lookup, 'lookup(…)'],
  [steps.lookupFile, 'lookupFile(…)'],
  [steps.from, "from('field', …)"],
])

/** How to call a maker that stands where its result belongs; undefined for anything else. */
export function callOf(value: unknown): string | undefined {
  return makers.get(value)
}
