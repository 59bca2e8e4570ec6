import {readFileSync} from 'node:fs'
import {expect, test} from 'vitest'
import {p95, sum} from '../../../src/rules/aggregates.ts'
import {defineRule} from '../../../src/rules/define-rule.ts'
import {effectiveOptions} from '../../../src/rules/effective-options.ts'
import {chunkCsvStream} from '../../../src/rules/named-readers.ts'
import {keysetOptionNames, ruleOptionNames, ruleOptions} from '../../../src/rules/options.ts'
import {ruleOptionsSchema} from '../../../src/rules/rule-schema.ts'
import {sortedReduce} from '../../../src/rules/sorted-reduce.ts'
import {day, lower, trimTo} from '../../../src/rules/steps/index.ts'
import type {RuleOptions} from '../../../src/rules/types.ts'

function valuesOf(options: RuleOptions): Record<string, string> {
  return Object.fromEntries(
    effectiveOptions(defineRule(options))
      .filter(({isSet}) => isSet)
      .map(({name, value}) => [name, value]),
  )
}

test('the table and the check know the same options', () => {
  expect([...ruleOptionNames].sort()).toEqual(Object.keys(ruleOptionsSchema.shape).sort())
  expect([...keysetOptionNames].sort()).toEqual([
    'columnMappings',
    'extraColumns',
    'keyParts',
    'partsPostprocess',
    'partsPreprocess',
    'table',
    'valueParts',
  ])
})

test('every option has a row with its Inferno name where there is one', () => {
  const byName = new Map(ruleOptions.map(option => [option.name, option]))
  expect(byName.get('keyParts')).toMatchObject({
    infernoName: 'key_parts',
    group: 'keyset',
    place: 'both',
    isClusterOnly: false,
  })
  expect(byName.get('archiveLookback')).toMatchObject({infernoName: 'archive_lookback', isClusterOnly: true})
  expect(byName.get('examples')?.infernoName).toBeNull()
})

test('the reference for users has a row for every option', () => {
  const reference = readFileSync(new URL('../../../docs/rules.md', import.meta.url), 'utf8')
  for (const {name, default: standard} of ruleOptions) {
    const row = reference.split('\n').find(line => line.startsWith(`| \`${name}\` |`))
    expect(row, name).toBeDefined()
    expect(row, name).toContain(standard.replaceAll('|', '\\|'))
  }
})

test('effective options are those of the rule and the defaults of the rest', () => {
  const options = effectiveOptions(defineRule({name: 'clicks', keyParts: ['site'], maxBlobs: 5}))
  expect(options.find(({name}) => name === 'maxBlobs')).toEqual({
    name: 'maxBlobs',
    group: 'input',
    value: '5',
    isSet: true,
    isClusterOnly: true,
  })
  expect(options.find(({name}) => name === 'format')).toEqual({
    name: 'format',
    group: 'input',
    value: "'json'",
    isSet: false,
    isClusterOnly: false,
  })
  expect(options.map(({name}) => name)).toEqual(ruleOptionNames)
})

test('values are shown as a rule author writes them, in one line', () => {
  const inner = defineRule({name: 'inner', keyParts: ['x']})
  expect(
    valuesOf({
      name: 'clicks',
      keyParts: ['site', day('time')],
      valueParts: {revenue: sum('price'), slow: p95('ms')},
      fieldTransforms: {
        term: [
          lower,
          trimTo(5),
          function clean(value) {
            return value
          },
        ],
      },
      sourceTags: ['logs', inner],
      mapInputStream: chunkCsvStream,
      reduceFunction: sortedReduce,
      timeDelta: {oclock: 4},
      mapFunction: null,
      description: 'a\nb',
      params: {deep: {list: [1, null]}},
      notifyPagerdutyKey: 'secret',
      examples: [{input: '', rows: []}],
    }),
  ).toEqual({
    name: 'clicks',
    keyParts: '[site, day = time | day]',
    valueParts: '{revenue: sum(price), slow: quantile(ms, 0.95)}',
    fieldTransforms: '{term: [lower, trimTo(5), a function clean]}',
    sourceTags: '[logs, the rule inner]',
    mapInputStream: 'csv',
    reduceFunction: 'sortedReduce',
    timeDelta: '{oclock: 4}',
    mapFunction: 'null',
    description: 'a\\nb',
    params: '{deep: {list: [1, null]}}',
    notifyPagerdutyKey: '(hidden)',
    examples: '1 example',
  })
})

test('with keysets the options of a single one are left out', () => {
  const options = effectiveOptions(defineRule({name: 'a', keysets: {one: {keyParts: ['x']}, two: {keyParts: ['y']}}}))
  expect(options.find(({name}) => name === 'keysets')?.value).toBe('one, two')
  expect(options.some(({name}) => name === 'keyParts')).toBe(false)
})
