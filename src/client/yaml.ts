/** YAML as people write it for settings and parameters. */
import {parse} from 'yaml'
import {messageOf, UserError} from '../base/index.ts'

/** YAML whose integers keep their digits: those beyond 2^53 are bigint, as in records. */
export function parseYaml(text: string): unknown {
  const smaller = (_name: unknown, value: unknown): unknown =>
    typeof value === 'bigint' && Number.isSafeInteger(Number(value)) ? Number(value) : value
  return parse(text, smaller, {intAsBigInt: true})
}

/** A YAML file that must be a mapping: settings and parameter files. */
export function parseMapping(
  text: string,
  path: string,
  hint = 'write lines like  threshold: 1000',
): Record<string, unknown> {
  let value: unknown
  try {
    value = parseYaml(text)
  } catch (error) {
    throw new UserError('BAD_PARAMETERS', `${path} is not YAML: ${messageOf(error)}`, {exitCode: 2})
  }
  if (value === null || value === undefined) return {}
  if (typeof value === 'object' && !Array.isArray(value)) return value as Record<string, unknown>
  throw new UserError('BAD_PARAMETERS', `${path} is not a mapping of names to values`, {
    hint,
    exitCode: 2,
  })
}
