import {expect, test} from 'vitest'
import * as aggregates from '../../../src/rules/aggregates.ts'
import {columnsOf} from './plan-of.ts'

const {
  avg,
  collect,
  count,
  distinct,
  first,
  histogram,
  last,
  max,
  median,
  min,
  p50,
  p75,
  p90,
  p95,
  p99,
  quantile,
  stddev,
  sum,
  topK,
} = aggregates

test.each([
  [sum('price'), {aggregate: 'sum', field: 'price', absent: 0}],
  [count(), {aggregate: 'count', field: null}],
  [count('ip'), {aggregate: 'count', field: 'ip'}],
  [min('ms'), {aggregate: 'min', field: 'ms'}],
  [max('ms'), {aggregate: 'max', field: 'ms'}],
  [avg('ms'), {aggregate: 'avg', field: 'ms'}],
  [stddev('ms'), {aggregate: 'stddev', field: 'ms'}],
  [first('page', {by: 'time'}), {aggregate: 'first', field: 'page', by: 'time'}],
  [last('page', {by: 'time'}), {aggregate: 'last', field: 'page', by: 'time'}],
  [distinct('ip'), {aggregate: 'distinct', field: 'ip', exactUpTo: 10_000}],
  [distinct('ip', {exactUpTo: 5}), {aggregate: 'distinct', field: 'ip', exactUpTo: 5}],
  [quantile('ms', 0.25), {aggregate: 'quantile', field: 'ms', q: 0.25}],
  [median('ms'), {aggregate: 'quantile', field: 'ms', q: 0.5}],
  [p50('ms'), {aggregate: 'quantile', field: 'ms', q: 0.5}],
  [p75('ms'), {aggregate: 'quantile', field: 'ms', q: 0.75}],
  [p90('ms'), {aggregate: 'quantile', field: 'ms', q: 0.9}],
  [p95('ms'), {aggregate: 'quantile', field: 'ms', q: 0.95}],
  [p99('ms'), {aggregate: 'quantile', field: 'ms', q: 0.99}],
  [topK('page'), {aggregate: 'topK', field: 'page', k: 10}],
  [topK('page', 3), {aggregate: 'topK', field: 'page', k: 3}],
  [histogram('ms', [1, 10]), {aggregate: 'histogram', field: 'ms', bounds: [1, 10]}],
  [collect('tag'), {aggregate: 'collect', field: 'tag', max: 100}],
  [collect('tag', {max: 2}), {aggregate: 'collect', field: 'tag', max: 2}],
])('%j is plain data', (aggregate, node) => {
  expect(aggregate).toEqual({kind: 'aggregate', node})
})

test('a name alone is a sum, and count counts where the data has no such field', () => {
  expect(columnsOf(['price', 'count'])).toEqual([
    {column: 'price', aggregate: 'sum', field: 'price', absent: 0},
    {column: 'count', aggregate: 'sum', field: 'count', absent: 1},
  ])
})

test('an aggregate is called like its column', () => {
  expect(columnsOf({slow: p95('ms'), count: sum('count')})).toEqual([
    {column: 'slow', aggregate: 'quantile', field: 'ms', q: 0.95},
    {column: 'count', aggregate: 'sum', field: 'count', absent: 0},
  ])
})
