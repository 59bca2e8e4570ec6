import {readFileSync} from 'node:fs'
import {dirname, resolve} from 'node:path'
import {expect, test} from 'vitest'
import * as api from '../../../src/api.ts'

const root = resolve(import.meta.dirname, '../../../src/api.ts')

/** Files and packages that importing a file loads. */
function loadedBy(file: string, seen: Set<string> = new Set()): Set<string> {
  if (seen.has(file)) return seen
  seen.add(file)
  const text = readFileSync(file, 'utf8')
  for (const [, specifier] of text.matchAll(/^(?:import|export)(?! type\b)[^'"]*?from '([^']+)'/gm)) {
    if (specifier!.startsWith('.')) loadedBy(resolve(dirname(file), specifier!), seen)
    else seen.add(specifier!)
  }
  return seen
}

test('importing the API loads neither zod nor anything outside the languages of rules and jobs', () => {
  const loaded = [...loadedBy(root)].filter(name => name !== root)
  expect(loaded.filter(name => !name.startsWith('/')).sort()).not.toContain('zod')
  expect(loaded.filter(name => name.startsWith('/') && !/\/src\/(rules|jobs|base)\//.test(name))).toEqual([])
})

test('a rule author finds these names', () => {
  expect(Object.keys(api).sort()).toEqual([
    'alphanumeric',
    'avg',
    'chunkCsvStream',
    'chunkDynamicStream',
    'chunkJsonStream',
    'collect',
    'count',
    'day',
    'defineJob',
    'defineRule',
    'derive',
    'distinct',
    'explode',
    'extract',
    'field',
    'first',
    'from',
    'gzipCsvStream',
    'gzipJsonStream',
    'hashed',
    'histogram',
    'hour',
    'last',
    'literal',
    'lookup',
    'lookupFile',
    'lower',
    'max',
    'median',
    'min',
    'minute',
    'p50',
    'p75',
    'p90',
    'p95',
    'p99',
    'padInt',
    'param',
    'parseExpression',
    'parseJson',
    'quantile',
    'replace',
    'select',
    'sortedReduce',
    'splitWords',
    'stddev',
    'sum',
    'textOf',
    'toFloat',
    'toInt',
    'topK',
    'trimTo',
    'truncateIp',
    'upper',
    'urlHost',
    'week',
    'where',
    'withYear',
  ])
})
