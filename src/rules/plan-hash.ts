import {createHash} from 'node:crypto'
import type {Plan} from './plan.ts'

/**
 * The identity of a plan: SHA-256 of its JSON with sorted names, in hex. Equal plans have equal hashes whatever the order in
 * which a rule names its options. Functions count by place and name only: who keeps results by this hash must add a hash of
 * the modules that hold the functions.
 */
export function planHash(plan: Plan): string {
  return createHash('sha256').update(canonicalJson(plan)).digest('hex')
}

/** JSON with the names of every object in order. Order inside `transforms` and the like is meaning and stays. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_name, inner: unknown) => {
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner
    const names = Object.keys(inner).sort()
    return Object.fromEntries(names.map(name => [name, (inner as Record<string, unknown>)[name]]))
  })
}
