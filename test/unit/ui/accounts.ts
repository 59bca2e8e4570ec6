import type {Account, BadSample} from '../../../src/engine/index.ts'

export function accountOf(parts: Partial<Account>): Account {
  return {
    bytes: 0,
    in: 0,
    used: 0,
    filtered: 0,
    bad: 0,
    blank: 0,
    badByReason: {},
    filteredByReason: {},
    badSamples: [],
    dropped: {},
    coerced: {},
    hookErrors: {},
    ...parts,
  }
}

export function sampleOf(line: number, parts: Partial<BadSample> = {}): BadSample {
  return {reason: 'not JSON', file: 'logs/a.ndjson', line, excerpt: '{"a": ', ...parts}
}
