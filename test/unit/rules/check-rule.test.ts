import {describe, expect, test} from 'vitest'
import {UserError} from '../../../src/base/index.ts'
import * as aggregates from '../../../src/rules/aggregates.ts'
import {assertRule, checkRule} from '../../../src/rules/check-rule.ts'
import {defineRule} from '../../../src/rules/define-rule.ts'
import {chunkCsvStream, chunkJsonStream} from '../../../src/rules/named-readers.ts'
import {formatProblems, type RuleProblem} from '../../../src/rules/rule-problem.ts'
import {sortedReduce} from '../../../src/rules/sorted-reduce.ts'
import * as steps from '../../../src/rules/steps/index.ts'
import type {Rule, RuleOptions} from '../../../src/rules/types.ts'

/** Options as someone without an editor writes them. */
type Wrong = Record<string, unknown>

const good: Wrong = {name: 'clicks', keyParts: ['site'], valueParts: ['count']}

function check(options: Wrong): RuleProblem[] {
  return checkRule(defineRule(options as unknown as RuleOptions))
}

/** The problem of a good rule with these options changed. */
function problemWith(options: Wrong): RuleProblem | undefined {
  const problems = check({...good, ...options})
  expect(problems).toHaveLength(1)
  return problems[0]
}

describe('good rules', () => {
  test.each<[string, Wrong]>([
    ['the smallest', {}],
    [
      'the one of the talk',
      {
        mapInputStream: chunkJsonStream,
        sourceTags: ['adserver:chunk:clicks'],
        reduceFunction: sortedReduce,
        fieldTransforms: {ad_id: steps.toInt},
      },
    ],
    [
      'null where null has a meaning',
      {sourceTags: null, mapFunction: null, resultProcessor: null, columnMappings: {site: null, count: ''}},
    ],
    ['undefined is as if not there', {format: undefined, maxBlobs: undefined, keysets: undefined}],
    ['a lone source tag', {sourceTags: 'logs:clicks'}],
    ['a name listed twice', {keyParts: ['site', 'site']}],
    ['a mapping for an unknown field', {columnMappings: {elsewhere: 'x'}}],
    ['fractions of an hour (D7)', {retry: true, retryDelay: 0.5}],
    ['a lookback with the range switched off', {archiveLookback: 2, dayRange: 0}],
    ['a leap day', {dayStart: '2024-02-29'}],
    ['a weekday in any case', {timeDelta: {weekday: 'Monday', oclock: 23}}],
    ['durations', {timeDelta: {hours: 1, minutes: 0.5}}],
    ['hours from 0', {timeDelta: {oclock: 0}}],
    ['pairs without parts', {keyParts: [], valueParts: [], mapFunction: null}],
    [
      'async hooks where they may be',
      {resultProcessor: async () => undefined, ruleInitFunction: async () => undefined},
    ],
    ['a header', {format: {type: 'csv', fields: 'header', dialect: 'excel-tab'}}],
    ['a pattern with names', {format: {type: 'regex', pattern: '(?P<ip>\\S+) (?<path>.*)'}}],
    ['alarms without mail', {notifyOnFail: true, notifyPagerduty: true}],
    ['a zone', {timeZone: 'Europe/Berlin'}],
    [
      'examples',
      {
        examples: [
          {input: ['{}', {site: 'a'}], rows: [['a', '1']], bad: 1},
          {input: '{}', rows: {_default: []}},
        ],
      },
    ],
    [
      'every aggregate',
      {
        valueParts: {
          a: aggregates.sum('x'),
          b: aggregates.count(),
          c: aggregates.first('x', {by: 't'}),
          d: aggregates.distinct('x'),
          e: aggregates.p99('x'),
          f: aggregates.topK('x'),
          g: aggregates.histogram('x', [1, 2.5]),
          h: aggregates.collect('x'),
          i: aggregates.stddev('x'),
        },
      },
    ],
  ])('%s', (_title, options) => {
    expect(check({...good, ...options})).toEqual([])
  })

  test('several keysets', () => {
    expect(
      check({name: 'a.b-c_1', keysets: {by_day: {keyParts: [steps.day('time')]}, total: {valueParts: ['count']}}}),
    ).toEqual([])
  })
})

describe('unknown names', () => {
  test.each<[Wrong, string, string]>([
    [{keyPart: ['x']}, 'keyPart', 'Did you mean "keyParts"?'],
    [{key_parts: ['x']}, 'key_parts', "Inferno's key_parts is called keyParts here"],
    [{source_tags: ['x']}, 'source_tags', "Inferno's source_tags is called sourceTags here"],
    [
      {map_input_stream: 'chunk_json_stream'},
      'map_input_stream',
      "Inferno's chunk_json_stream is written format: 'json' here",
    ],
    [{csv_fields: ['a']}, 'csv_fields', "Say it in the format: format: {type: 'csv', fields: […]}"],
    [
      {nuke: true},
      'nuke',
      'Deleting source tags after a job was never carried out by Inferno; leave it out and remove tags with ddfs rm',
    ],
    [{required_modules: []}, 'required_modules', 'What a rule file imports travels with it; leave it out'],
    [{geoServer: 'x'}, 'geoServer', 'Parameters of your own go into params: {…}'],
    [{timeDelta: {minute: 5}}, 'timeDelta.minute', 'Did you mean "minutes"?'],
    [{scheduler: {max_cores: 5}}, 'scheduler.max_cores', "Inferno's max_cores is called maxCores here"],
    [{format: {type: 'csv', field: []}}, 'format.field', 'Did you mean "fields"?'],
    [{examples: [{input: '', row: [], rows: []}]}, 'examples[0].row', 'Did you mean "rows"?'],
  ])('%j', (options, path, hint) => {
    expect(problemWith(options)).toMatchObject({path, hint, found: 'unknown option'})
  })

  test('a keyset has its own names', () => {
    const problems = check({
      name: 'a',
      keysets: {
        one: {keyParts: ['x'], keysetPartsPreprocess: [], fieldTransforms: {}, valuePart: ['y'], parts_postprocess: []},
      },
    })
    expect(Object.fromEntries(problems.map(({path, hint}) => [path, hint]))).toEqual({
      'keysets.one.keysetPartsPreprocess': 'Inside a keyset it is called partsPreprocess',
      'keysets.one.fieldTransforms': 'fieldTransforms is said once for the rule, not for each keyset',
      'keysets.one.valuePart': 'Did you mean "valueParts"?',
      'keysets.one.parts_postprocess': "Inferno's parts_postprocess is called partsPostprocess here",
    })
  })
})

describe('values of the wrong kind', () => {
  test.each<[Wrong, Partial<RuleProblem>]>([
    [{name: 5}, {path: 'name', found: 'number 5'}],
    [{name: '.hidden'}, {path: 'name', found: 'text ".hidden"'}],
    [{name: 'a/b'}, {path: 'name', found: 'text "a/b"'}],
    [{name: '__proto__'}, {path: 'name'}],
    [
      {keyParts: ['a', 5]},
      {path: 'keyParts[1]', found: 'number 5', expected: 'a field name (text), or a derived field such as day("time")'},
    ],
    [{keyParts: 'a'}, {path: 'keyParts', found: 'text "a"', hint: "Put it into a list: keyParts: ['a']"}],
    [{keyParts: ['']}, {path: 'keyParts[0]', expected: 'a field name (text), not empty'}],
    [{keyParts: [steps.day]}, {path: 'keyParts[0]', hint: 'Call it: day()'}],
    [
      {valueParts: [aggregates.sum('x')]},
      {path: 'valueParts[0]', hint: "Aggregates need column names: valueParts: {revenue: sum('price')}"},
    ],
    [{valueParts: {revenue: 'price'}}, {path: 'valueParts.revenue', hint: "A sum is written revenue: sum('price')"}],
    [{valueParts: {n: aggregates.count}}, {path: 'valueParts.n', hint: 'Call it: count()'}],
    [
      {valueParts: {slow: aggregates.quantile('ms', 95)}},
      {path: 'valueParts.slow.q', found: 'number 95', expected: 'a number from 0 to 1'},
    ],
    [
      {valueParts: {top: aggregates.topK('ms', 0)}},
      {path: 'valueParts.top.k', expected: 'a whole number from 1 to 1000'},
    ],
    [
      {valueParts: {h: aggregates.histogram('ms', [1, 1])}},
      {path: 'valueParts.h.bounds', expected: 'a list of ascending numbers'},
    ],
    [{valueParts: {h: aggregates.histogram('ms', [])}}, {path: 'valueParts.h.bounds', expected: 'at least one bound'}],
    [
      {valueParts: {c: aggregates.collect('ms', {max: 1e9})}},
      {path: 'valueParts.c.max', expected: 'a whole number from 1 to 10000'},
    ],
    [{valueParts: {f: aggregates.first('ms', {} as never)}}, {path: 'valueParts.f.by', found: 'nothing'}],
    [{partsPreprocess: () => null}, {path: 'partsPreprocess', expected: 'a list of preprocess steps and functions'}],
    [{partsPreprocess: [async () => null]}, {path: 'partsPreprocess[0]', found: 'an async function'}],
    [{partsPreprocess: [steps.lower]}, {path: 'partsPreprocess[0]', found: 'the transform lower'}],
    [{partsPreprocess: [steps.where]}, {path: 'partsPreprocess[0]', hint: "Call it: where('price > 0')"}],
    [{fieldTransforms: {a: steps.select('x')}}, {path: 'fieldTransforms.a', found: 'the preprocess step select'}],
    [{fieldTransforms: {a: [steps.lower, steps.trimTo]}}, {path: 'fieldTransforms.a[1]', hint: 'Call it: trimTo(100)'}],
    [{fieldTransforms: {a: 'lower'}}, {path: 'fieldTransforms.a', found: 'text "lower"'}],
    [{partsPostprocess: [steps.where('x > 1')]}, {path: 'partsPostprocess[0]', found: 'the preprocess step where'}],
    [{mapFunction: async () => []}, {path: 'mapFunction', found: 'an async function mapFunction'}],
    [{maxBlobs: 0}, {path: 'maxBlobs', found: 'number 0', expected: 'a whole number of at least 1'}],
    [{partitions: 0}, {path: 'partitions', expected: 'a whole number from 1 to 10000'}],
    [{dayRange: 1.5}, {path: 'dayRange', found: 'number 1.5'}],
    [
      {dayStart: '2023-02-29'},
      {path: 'dayStart', found: 'text "2023-02-29"', expected: 'a day that exists, as YYYY-MM-DD'},
    ],
    [{dayStart: '2023-2-9'}, {path: 'dayStart'}],
    [{dayStart: new Date(0)}, {path: 'dayStart', found: 'a Date', hint: "Write the day as text, '2026-05-01'"}],
    [{retryDelay: -1}, {path: 'retryDelay', expected: 'hours, at least 0'}],
    [{timeDelta: {weekday: 'munday'}}, {path: 'timeDelta.weekday', hint: 'Did you mean "monday"?'}],
    [{timeDelta: {oclock: 24}}, {path: 'timeDelta.oclock', expected: 'a whole number from 0 to 23'}],
    [{timeDelta: {oclock: 4, minutes: 5}}, {path: 'timeDelta', found: 'oclock together with minutes'}],
    [{timeDelta: {weekday: 'monday', days: 1}}, {path: 'timeDelta', found: 'weekday together with days'}],
    [{timeDelta: {}}, {path: 'timeDelta', found: 'an empty object'}],
    [{timeDelta: 5}, {path: 'timeDelta', found: 'number 5'}],
    [{format: 'jsn'}, {path: 'format', hint: 'Did you mean "json"?'}],
    [{format: 'chunk_csv_stream'}, {path: 'format', hint: "Inferno's chunk_csv_stream is written format: 'csv' here"}],
    [
      {mapInputStream: 'chunkJsonStream'},
      {path: 'mapInputStream', hint: "Inferno's chunkJsonStream is written format: 'json' here"},
    ],
    [{format: {type: 'xml'}}, {path: 'format.type', expected: 'csv, dynamic or regex'}],
    [{format: {type: 'csv', delimiter: '::'}}, {path: 'format.delimiter', found: 'text "::"'}],
    [{format: {type: 'csv', fields: []}}, {path: 'format.fields', expected: 'at least one column name'}],
    [{format: {type: 'regex', pattern: '(a'}}, {path: 'format.pattern'}],
    [
      {format: {type: 'regex', pattern: '(a)'}},
      {path: 'format.pattern', expected: 'a regular expression with named groups, (?<name>…): they become the fields'},
    ],
    [{archiveTagPrefix: 'a:b'}, {path: 'archiveTagPrefix', found: 'text "a:b"'}],
    [{sourceTags: ['a b']}, {path: 'sourceTags[0]', expected: 'a tag: text without blanks'}],
    [{sourceTags: [{name: 'x'}]}, {path: 'sourceTags[0]', expected: 'a tag (text) or a rule'}],
    [{params: [1]}, {path: 'params', found: 'a list of 1', expected: 'an object'}],
    [{columnMappings: {a: 5}}, {path: 'columnMappings.a', found: 'number 5'}],
    [{resultTagSuffix: 'week'}, {path: 'resultTagSuffix'}],
    [
      {notifyAddresses: 'me@example.com'},
      {path: 'notifyAddresses', hint: "Put it into a list: notifyAddresses: ['me@example.com']"},
    ],
    [{run: 'yes'}, {path: 'run', expected: 'true or false'}],
    [{examples: [{input: '{}'}]}, {path: 'examples[0].rows', found: 'nothing'}],
  ])('%j', (options, expected) => {
    expect(problemWith(options)).toMatchObject(expected)
  })

  test('a zone that does not exist is named with the one that was meant', () => {
    expect(problemWith({timeZone: 'Berlin'})?.expected).toContain('Europe/Berlin')
  })

  test('options that are no object', () => {
    expect(check(undefined as never)).toEqual([{path: '', found: 'nothing', expected: 'an object of options'}])
    expect(check([] as never)[0]?.found).toBe('an empty list')
  })
})

describe('options that contradict each other', () => {
  test('keyset options beside keysets are refused with what Inferno does with them (D6)', () => {
    const problems = check({...good, partsPostprocess: [], keysets: {one: {keyParts: ['x']}}})
    expect(problems.map(({path}) => path)).toEqual(['keyParts', 'valueParts', 'partsPostprocess'])
    expect(problems[0]).toMatchObject({
      found: 'keyParts beside keysets',
      hint: 'With keysets, Inferno silently ignores keyParts of the rule; write it in each keyset it is meant for',
    })
  })

  test('a rule and a keyset without parts are refused (D9)', () => {
    expect(check({name: 'a'})).toMatchObject([{path: '', found: 'neither keyParts nor valueParts'}])
    expect(check({name: 'a', keyParts: [], valueParts: {}})).toHaveLength(1)
    expect(check({name: 'a', keysets: {one: {table: 'x'}, two: {keyParts: ['x']}}})).toMatchObject([
      {path: 'keysets.one'},
    ])
  })

  test('no keysets at all', () => {
    expect(check({name: 'a', keysets: {}})).toMatchObject([{path: 'keysets', found: 'an empty object'}])
  })

  test.each(['.hidden', 'a/b', 'a b', '', 'ä', 'x'.repeat(101)])('the keyset name %j is refused', name => {
    expect(check({name: 'a', keysets: {[name]: {keyParts: ['x']}}})).toHaveLength(1)
  })

  test.each<[Wrong, Partial<RuleProblem>]>([
    [
      {archiveLookback: 2, dayRange: 3},
      {path: 'archiveLookback', found: 'archiveLookback together with dayRange'},
    ],
    [
      {archiveLookback: 2, dayStart: '2026-01-01'},
      {path: 'archiveLookback', found: 'archiveLookback together with dayStart'},
    ],
    [
      {format: 'json', mapInputStream: chunkJsonStream},
      {path: 'mapInputStream', found: 'mapInputStream beside format'},
    ],
    [
      {mapInputStream: chunkCsvStream, params: {csv_fields: ['a']}},
      {path: 'params.csv_fields', expected: 'it in the format'},
    ],
    [
      {valueParts: {top: aggregates.topK('page')}, sort: false},
      {path: 'valueParts.top', found: 'topK beside sort: false'},
    ],
    [
      {mapFunction: () => [], fieldTransforms: {a: steps.lower}},
      {path: 'fieldTransforms', found: 'fieldTransforms beside mapFunction'},
    ],
    [{mapFunction: null, keysetPartsPreprocess: [() => null]}, {path: 'keysetPartsPreprocess'}],
    [{notifyOnFail: true}, {path: 'notifyOnFail', found: 'notifyOnFail without notifyAddresses'}],
    [
      {reduceFunction: sortedReduce, partsPostprocess: [() => []]},
      {path: 'partsPostprocess', found: 'partsPostprocess beside reduceFunction: sortedReduce'},
    ],
    [
      {examples: [{input: '', rows: {default: []}}]},
      {path: 'examples[0].rows.default', hint: 'Did you mean "_default"?'},
    ],
  ])('%j', (options, expected) => {
    expect(problemWith(options)).toMatchObject(expected)
  })

  test('rows of several keysets are named', () => {
    const problems = check({
      name: 'a',
      keysets: {one: {keyParts: ['x']}, two: {keyParts: ['y']}},
      examples: [{input: '', rows: []}],
    })
    expect(problems).toMatchObject([{path: 'examples[0].rows', expected: 'rows by keyset: {one, two}'}])
  })
})

describe('rules among the sources', () => {
  test('are checked too', () => {
    const inner = defineRule({name: 'inner', keyParts: [5]} as never)
    const outer = defineRule({name: 'outer', sourceTags: ['logs', inner], keyParts: ['x']})
    expect(checkRule(outer)).toMatchObject([{path: 'sourceTags[1].keyParts[0]', found: 'number 5'}])
  })

  test('a circle is refused and named (D42)', () => {
    const sources: Rule[] = []
    const inner = defineRule({name: 'inner', sourceTags: sources, keyParts: ['x']})
    const outer = defineRule({name: 'outer', sourceTags: [inner], keyParts: ['x']})
    sources.push(outer)
    expect(checkRule(outer)).toMatchObject([
      {path: 'sourceTags[0].sourceTags[0]', hint: 'The circle is outer → inner → outer'},
    ])
  })

  test('one rule may be the source of two', () => {
    const inner = defineRule({name: 'inner', keyParts: ['x']})
    const left = defineRule({name: 'left', sourceTags: [inner], keyParts: ['x']})
    const right = defineRule({name: 'right', sourceTags: [inner], keyParts: ['x']})
    expect(checkRule(defineRule({name: 'outer', sourceTags: [left, right], keyParts: ['x']}))).toEqual([])
  })
})

describe('messages', () => {
  const source = [
    "import {defineRule} from 'disco-inferno'",
    '',
    'export default defineRule({',
    "  name: 'clicks',",
    '  maxBlobs: 0,',
    "  keyParts: ['site',",
    '    5],',
    "  keyPart: ['ad'],",
    '})',
  ].join('\n')
  const rule: Rule = {
    kind: 'rule',
    options: {name: 'clicks', keyPart: ['ad'], maxBlobs: 0, keyParts: ['site', 5]} as unknown as RuleOptions,
    definedAt: {file: 'rules/clicks.ts', line: 3},
  }

  test('all problems have their line and come in the order of the file', () => {
    expect(checkRule(rule, {source}).map(({path, line}) => [path, line])).toEqual([
      ['maxBlobs', 5],
      ['keyParts[1]', 7],
      ['keyPart', 8],
    ])
  })

  test('for people there is one line a problem', () => {
    expect(formatProblems(rule, checkRule(rule, {source})).split('\n')).toEqual([
      'rules/clicks.ts:5  maxBlobs: expected a whole number of at least 1, found number 0',
      'rules/clicks.ts:7  keyParts[1]: expected a field name (text), or a derived field such as day("time"), found number 5',
      'rules/clicks.ts:8  keyPart: unknown option; did you mean "keyParts"?',
    ])
  })

  test('without the source the definition is the place', () => {
    expect(formatProblems(rule, checkRule(rule))).toContain('rules/clicks.ts:3  keyPart: unknown option')
  })

  test('control characters of names are shown as escapes', () => {
    const evil = defineRule({name: 'a', keyParts: ['x'], '\u001b[31m': 1} as never)
    expect(formatProblems(evil, checkRule(evil))).not.toContain('\u001b')
  })

  test('a rule that cannot be used is one error with all problems', () => {
    const refused = (): void => assertRule(rule, {source, file: 'clicks.ts'})
    expect(refused).toThrow(UserError)
    expect(refused).toThrow(/"clicks" cannot be used[\s\S]*clicks\.ts:5[\s\S]*clicks\.ts:8/)
    expect(() => assertRule(defineRule(good as unknown as RuleOptions))).not.toThrow()
  })
})
