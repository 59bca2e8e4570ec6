import {describe, expect, test} from 'vitest'
import {avg, count, sum} from '../../../src/rules/aggregates.ts'
import {checkRule} from '../../../src/rules/check-rule.ts'
import {compilePlan} from '../../../src/rules/compile-plan.ts'
import {defineRule} from '../../../src/rules/define-rule.ts'
import {effectiveOptions} from '../../../src/rules/effective-options.ts'
import {planHash} from '../../../src/rules/plan-hash.ts'
import type {RuleProblem} from '../../../src/rules/rule-problem.ts'
import {shownSink} from '../../../src/rules/sink-target.ts'
import type {RuleOptions} from '../../../src/rules/types.ts'

function problems(options: Record<string, unknown>): RuleProblem[] {
  return checkRule(defineRule({name: 'clicks', keyParts: ['site'], ...options} as unknown as RuleOptions))
}

describe('the sink of a rule', () => {
  test.each([
    ['sqlite:stats.db'],
    ['postgres://ann:$WORD@db/stats'],
    ['env:STATS'],
    [{to: 'csv:out', mode: 'replace', tablePrefix: 'p_'}],
  ])('%j is right', sink => {
    expect(problems({sink})).toEqual([])
  })

  test.each([
    ['sqlit:stats.db', 'sink', 'Did you mean "sqlite:"?'],
    ['stats.db', 'sink', 'Say what it is: sqlite:stats.db or csv:stats.db'],
    [{to: 'mysql:x'}, 'sink.to', 'Write mysql://HOST/…'],
    [{to: 'csv:x', mode: 'replase'}, 'sink.mode', 'Did you mean "replace"?'],
    [{to: 'csv:x', tableprefix: 'p'}, 'sink.tableprefix', 'Did you mean "tablePrefix"?'],
    [{to: 'csv:x', modus: 'add'}, 'sink.modus', 'Did you mean "mode"?'],
  ])('%j is not', (sink, path, hint) => {
    expect(problems({sink})).toMatchObject([{path, hint}])
  })

  test('stands alone, without a result processor', () => {
    expect(problems({sink: 'csv:out', resultProcessor: null})).toMatchObject([
      {path: 'sink', expected: 'one of the two'},
    ])
  })

  test('that keeps totals takes no aggregates that cannot be added', () => {
    const sink = {to: 'sqlite:a.db', mode: 'add'}
    expect(problems({sink, valueParts: {n: count(), r: sum('x')}})).toEqual([])
    expect(problems({sink, valueParts: {n: count(), mean: avg('ms')}})).toMatchObject([
      {path: 'valueParts.mean', found: 'the aggregate avg', hint: expect.stringContaining('a mean of means')},
    ])
  })

  test('is no part of the plan: rows for another place are the same rows', () => {
    const hashes = [{}, {sink: 'csv:out'}].map(more =>
      planHash(compilePlan(defineRule({name: 'clicks', keyParts: ['site'], ...more})).plan),
    )
    expect(hashes[0]).toBe(hashes[1])
  })

  test('is shown without secrets', () => {
    const shown = (sink: RuleOptions['sink']): string | undefined =>
      effectiveOptions(defineRule({name: 'a', keyParts: ['x'], sink: sink!})).find(({name}) => name === 'sink')?.value
    expect(shown('postgres://ann:secret@db/stats?sslpassword=x')).toBe('postgres://db/stats')
    expect(shown({to: 'https://hooks.example/T0/token', mode: 'append'})).toBe(
      '{to: https://hooks.example/…, mode: append}',
    )
    expect(shownSink('postgres://ann:se/cr@et@db/x')).toBe('postgres://db/x')
  })
})
