/** What stands in rules, told apart without a schema: for rule-schema.ts, which says what was expected, and plain-rule.ts, which does not. */
import {nameCharsMax} from './limits.ts'
import {callOf} from './makers.ts'
import {isAsync} from './rule-problem.ts'
import {planNode} from './types.ts'

const namePattern = /^[A-Za-z0-9_-][A-Za-z0-9_.-]*$/

/** True for names of rules and keysets: they become parts of commands and of file names. */
export function isName(value: unknown): boolean {
  return typeof value === 'string' && value.length <= nameCharsMax && namePattern.test(value) && value !== '__proto__'
}

/** A tag: text without blanks. */
export const tagPattern = /^[^\s\u0000-\u001f\u007f]+$/

export const formatNames = ['json', 'csv', 'dynamic', 'logfmt', 'common-log', 'combined-log'] as const

/** An object literal, also of another realm or without a prototype: no list, no instance of a class. */
export function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

/** A hook of the author's: a function that is neither one of our steps nor async. */
export function isHook(value: unknown): boolean {
  return typeof value === 'function' && !isAsync(value) && !(planNode in value) && callOf(value) === undefined
}

/** A function of the author's, or a built-in of the right kind. */
export function isStepOrHook(kind: 'step' | 'transform', value: unknown): boolean {
  if (typeof value !== 'function' || isAsync(value) || callOf(value) !== undefined) return false
  const node = (value as {[planNode]?: object})[planNode]
  return node === undefined || kind in node
}
