/** The parameters of a run: the rule's own, with those laid over them that were given from outside. */
import type {Params} from '../../rules/index.ts'

const numericText = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/

/**
 * Lays `given` over `own`. What a rule declares as text or as a number stays one: `-P zip=12345` is text where the rule says
 * `params: {zip: ''}`, and `-P least=1e3` a number where it says `params: {least: 1}` (D49).
 */
export function overlayParams(own: Params | undefined, given: Params): Params {
  const params: Params = {...own}
  for (const [name, value] of Object.entries(given)) params[name] = asDeclared(own?.[name], value)
  return params
}

function asDeclared(declared: unknown, value: unknown): unknown {
  if (typeof declared === 'string' && ['number', 'bigint', 'boolean'].includes(typeof value)) return String(value)
  if (typeof declared === 'number' && typeof value === 'string' && numericText.test(value)) return Number(value)
  return value
}
