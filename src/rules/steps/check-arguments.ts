/** Checks of what a rule hands to a built-in step: rules are also written without an editor that checks types. */
import {didYouMean, UserError} from '../../base/index.ts'

/** @throws UserError BAD_RULE */
export function refuse(step: string, message: string, hint?: string): never {
  throw new UserError('BAD_RULE', `${step}: ${message}`, hint === undefined ? {} : {hint})
}

/** @throws UserError BAD_RULE unless `value` is an integer within the bounds */
export function checkInteger(step: string, what: string, value: unknown, min: number, max: number): void {
  if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return
  refuse(step, `${what} is ${show(value)}, expected an integer from ${min} to ${max}`)
}

/** @throws UserError BAD_RULE unless `value` is text */
export function checkText(step: string, what: string, value: unknown): void {
  if (typeof value !== 'string') refuse(step, `${what} is ${show(value)}, expected text`)
}

/** @throws UserError BAD_RULE unless `value` is the text of a field name */
export function checkField(step: string, value: unknown): void {
  if (typeof value !== 'string' || value === '')
    refuse(step, `the field is ${show(value)}, expected the name of a field`)
}

/** @throws UserError BAD_RULE when `options` is no object or has a name that is not `known` */
export function checkOptions(step: string, options: unknown, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    refuse(step, `the options are ${show(options)}, expected an object with ${known.join(', ')}`)
  }
  for (const name of Object.keys(options)) {
    if (!known.includes(name))
      refuse(step, `there is no option "${name}".${didYouMean(name, known)}`, `the options are ${known.join(', ')}`)
  }
}

/** A value as a message shows it. */
export function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value)
  if (typeof value === 'function') return value.name === '' ? 'a function' : `the function ${value.name}`
  if (Array.isArray(value)) return 'an array'
  if (typeof value === 'object' && value !== null) return 'an object'
  return value === undefined ? 'missing' : String(value)
}
