/** YAML as people write it for settings and parameters. */
import {isMap, isScalar, LineCounter, type Node, parse, parseDocument} from 'yaml'
import {messageOf, UserError} from '../base/index.ts'

/** YAML whose integers keep their digits: those beyond 2^53 are bigint, as in records. */
export function parseYaml(text: string): unknown {
  return parse(text, smaller, {intAsBigInt: true})
}

const smaller = (_name: unknown, value: unknown): unknown =>
  typeof value === 'bigint' && Number.isSafeInteger(Number(value)) ? Number(value) : value

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

export interface LocatedMapping {
  readonly mapping: Record<string, unknown>
  /** Where the name at the end of a path stands, from 1; undefined for what is not written out there (an alias). */
  readonly lineOf: (path: readonly string[]) => number | undefined
}

/** `parseMapping`, and where everything stands. */
export function parseLocatedMapping(text: string, path: string): LocatedMapping {
  const mapping = parseMapping(text, path)
  const counter = new LineCounter()
  const root = parseDocument(text, {lineCounter: counter}).contents
  return {mapping, lineOf}

  function lineOf(names: readonly string[]): number | undefined {
    let node: unknown = root
    let key: Node | undefined
    for (const name of names) {
      const pair = isMap(node)
        ? node.items.find(item => isScalar(item.key) && String(item.key.value) === name)
        : undefined
      if (pair === undefined) return undefined
      key = pair.key as Node
      node = pair.value
    }
    const offset = key?.range?.[0]
    return offset === undefined ? undefined : counter.linePos(offset).line
  }
}
