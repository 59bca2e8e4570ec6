import {expect, test} from 'vitest'
import {engineOf} from '../../../src/cli/engine-choice.ts'

const rule = (engine?: string) => ({options: engine === undefined ? {name: 'r'} : {name: 'r', engine}}) as never

test('what was typed is before the rule, and that before the settings', () => {
  expect(engineOf('row', rule('clickhouse=env:A'), {engine: 'auto'})).toEqual({type: 'here', choice: 'row'})
  expect(engineOf(undefined, rule('clickhouse=env:A'), {engine: 'row'})).toEqual({type: 'clickhouse', address: 'env:A'})
  expect(engineOf(undefined, rule(), {engine: 'row'})).toEqual({type: 'here', choice: 'row'})
  expect(engineOf(undefined, rule(), {})).toEqual({type: 'here', choice: 'auto'})
})

test.each(['fast', 'clickhouse', 'clickhouse=', 'clickhouse=db:8123', 'clickhouse=ftp://a', 'duckdb=x'])(
  '%j is no engine',
  text => {
    expect(() => engineOf(text, rule(), {})).toThrow(expect.objectContaining({code: 'BAD_FLAG', exitCode: 2}))
  },
)

test('a password in what is no engine is not shown', () => {
  expect(() => engineOf('clickhause=http://a:secret@h/d', rule(), {})).toThrow(/^--engine clickhause=… is no engine$/)
})
