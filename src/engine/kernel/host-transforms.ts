/** What the kernel asks its host: fields that it has no code of its own for, made by the functions of the row path. */
import {compileCondition, compileTransforms, textOf} from '../../rules/index.ts'
import {type HostValue, hostValueOf, otherwise} from './host-value.ts'
import type {KernelDerived, LookupTable} from './kernel-fields.ts'
import {kinds} from './kinds.ts'

/** From kind and text of a value to what becomes of it; undefined for the row path. */
export type HostFunction = (kind: number, text: string) => HostValue | undefined

/** One function for each derived field. */
export function hostTransforms(derived: readonly KernelDerived[]): readonly HostFunction[] {
  const rows = new Map<LookupTable, ReadonlyMap<string, LookupTable[string]>>()
  const rowsOf = (table: LookupTable): ReadonlyMap<string, LookupTable[string]> => {
    const known = rows.get(table) ?? new Map(Object.entries(table))
    rows.set(table, known)
    return known
  }
  return derived.map(one => hostFunction(one, rowsOf))
}

function hostFunction(
  derived: KernelDerived,
  rowsOf: (table: LookupTable) => ReadonlyMap<string, LookupTable[string]>,
): HostFunction {
  switch (derived.make) {
    case 'transform': {
      const transform = compileTransforms(derived.chain, refuseFunction)
      return (kind, text) => hostValueOf(transform(valueOfKind(kind, text)))
    }
    case 'matches': {
      const operand = {expression: 'field', path: 'value'} as const
      const holds = compileCondition({expression: 'matches', operand, pattern: derived.pattern}, {})
      return (kind, text) => hostValueOf(kind > kinds.null && holds({value: valueOfKind(kind, text)}))
    }
    case 'lookup': {
      const {column} = derived
      const rows = rowsOf(derived.table)
      return (kind, text) => {
        const row = kind > kinds.null ? rows.get(textOf(valueOfKind(kind, text))) : undefined
        if (row === undefined) return otherwise
        return hostValueOf(Object.hasOwn(row, column) ? row[column] : null)
      }
    }
    case 'found': {
      const rows = rowsOf(derived.table)
      return (kind, text) => hostValueOf(kind > kinds.null && rows.has(textOf(valueOfKind(kind, text))))
    }
    default:
      return () => undefined
  }
}

function refuseFunction(): never {
  throw new TypeError('a plan for the kernel has no functions of the rule')
}

function valueOfKind(kind: number, text: string): unknown {
  switch (kind) {
    case kinds.null:
      return null
    case kinds.false:
      return false
    case kinds.true:
      return true
    case kinds.text:
      return text
    default: {
      const number = Number(text)
      return kind === kinds.longInteger && !Number.isSafeInteger(number) ? BigInt(text) : number
    }
  }
}
