import {type Account, type BadSample, emptyAccount} from '../../../src/engine/index.ts'

export function accountOf(parts: Partial<Account>): Account {
  return {...emptyAccount(), ...parts}
}

export function sampleOf(line: number, parts: Partial<BadSample> = {}): BadSample {
  return {reason: 'not JSON', file: 'logs/a.ndjson', line, excerpt: '{"a": ', ...parts}
}
