/** What to do about values of a common wrong shape. */
import {nearest} from '../base/index.ts'
import {callOf} from './makers.ts'
import {formatOfStream} from './option-hints.ts'
import {knownFormats, knownWeekdays} from './rule-schema.ts'
import {sinkModes, sinkProblem} from './sink-target.ts'

/** Options that are lists even of one. */
const listOptions = [
  'keyParts',
  'valueParts',
  'partsPreprocess',
  'keysetPartsPreprocess',
  'partsPostprocess',
  'fields',
  'extraColumns',
  'notifyAddresses',
  'sourceUrls',
]

/** @param path - where the value stands, from the rule inwards */
export function hintForValue(path: readonly (string | number)[], value: unknown): string | undefined {
  const call = callOf(value)
  if (call !== undefined) return `Call it: ${call}`
  const option = String(path.at(-1))
  const isLoneName = typeof value === 'string' || typeof value === 'function'
  if (isLoneName && listOptions.includes(option))
    return `Put it into a list: ${option}: [${typeof value === 'string' ? `'${value}'` : value.name || '…'}]`
  if (path.at(-2) === 'valueParts') return hintForValuePart(option, value)
  if (path[0] === 'format' || path[0] === 'mapInputStream') return hintForFormat(value)
  if (path[0] === 'dayStart' && value instanceof Date) return "Write the day as text, '2026-05-01'"
  if (path[0] === 'sink') return hintForSink(option, value)
  if (option === 'weekday' && typeof value === 'string') return didYouMean(value, knownWeekdays)
  return undefined
}

function hintForValuePart(column: string, value: unknown): string | undefined {
  if (typeof value === 'string') return `A sum is written ${column}: sum('${value}')`
  const isAggregate = typeof value === 'object' && value !== null && (value as {kind?: unknown}).kind === 'aggregate'
  return isAggregate ? "Aggregates need column names: valueParts: {revenue: sum('price')}" : undefined
}

function hintForSink(option: string, value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined
  if (option === 'mode') return didYouMean(value, sinkModes)
  return option === 'sink' || option === 'to' ? sinkProblem(value) : undefined
}

function hintForFormat(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined
  const format = formatOfStream(value)
  if (format !== undefined) return `Inferno's ${value} is written format: '${format}' here`
  if (knownFormats.includes(value)) return `It is written format: '${value}'`
  return didYouMean(value, knownFormats)
}

function didYouMean(value: string, known: readonly string[]): string | undefined {
  const suggestion = nearest(value, known)
  return suggestion === undefined ? undefined : `Did you mean "${suggestion}"?`
}
