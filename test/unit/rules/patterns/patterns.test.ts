import {describe, expect, test} from 'vitest'
import {compileFields, compilePattern} from '../../../../src/rules/patterns/index.ts'
import {patternCaseOf, patternDifference} from './fuzz.ts'

const perTest = 1000

test.each(Array.from({length: 6}, (_, index) => 1 + index * perTest))(
  'random patterns find in random texts what RE2 finds, seeds from %i',
  first => {
    let byRegExp = 0
    for (let seed = first; seed < first + perTest; seed++) {
      const {isForRegExp, difference} = patternDifference(patternCaseOf(seed))
      expect({seed, difference}).toEqual({seed, difference: undefined})
      if (isForRegExp) byRegExp++
    }
    expect(byRegExp).toBeGreaterThan(perTest / 4)
  },
)

const found = (pattern: string, text: string) => {
  const compiled = compilePattern(pattern)
  expect(compiled.engine).toBe('RegExp')
  return compiled.exec(text)?.slice() ?? null
}

describe('what JavaScript means otherwise', () => {
  test.each([
    ['. is any character but a newline', 'a.b', 'a\rb', ['a\rb']],
    ['. with (?s) is a newline, too', '(?s)a.b', 'a\nb', ['a\nb']],
    ['\\s has five characters', '\\s', '\v\u00a0\u2028', null],
    ['\\S has the others', '\\S+', ' \v\u00a0 ', ['\v\u00a0']],
    ['case goes by Unicode', '(?i)kis', 'K\u0130\u212aI\u017f', ['\u212aI\u017f']],
    ['\\w and \\b are ASCII', '\\b\\w+\\b', 'éa1_', ['a1_']],
    ['one character beyond 16 bits is one', '^.$', '😀', ['😀']],
    ['$ is the end alone', 'a$', 'a\n', null],
    ['\\z and \\A', '\\Aa\\z', 'a', ['a']],
    ['names may be numbers', '(?P<1>a)(?<b>b)', 'ab', ['ab', 'a', 'b']],
    ['a bracket that comes first is in the class', '[]a]+', 'x]a', [']a']],
    ['a group that took no part', '(a)|(b)', 'b', ['b', undefined, 'b']],
  ])('%s', (_, pattern, text, groups) => {
    expect(found(pattern, text)).toEqual(groups)
  })

  test('groups have their names in their order', () => {
    expect([...compilePattern('(?P<b>x)(y)(?<a>z)').groupNames]).toEqual([
      ['b', 1],
      ['a', 3],
    ])
    expect([...compilePattern('(?P<b>\\pL)(y)(?<1>z)').groupNames]).toEqual([
      ['b', 1],
      ['1', 3],
    ])
  })
})

test.each([
  ['\\pL', 'has the escape \\p'],
  ['[[:alpha:]]', 'has a class of POSIX'],
  ['(?m)^a$', 'has flags that RegExp has not'],
  ['(?U)a+', 'has flags that RegExp has not'],
  ['(?i)é', 'has letters beyond ASCII where case does not matter'],
  ['(?:(a)|b)*', 'repeats a group that is not in every round'],
  ['(a*)*', 'repeats what can be empty'],
  ['\\Qa.b\\E', 'has the escape \\Q'],
])('%s is for RE2', (pattern, reason) => {
  expect(compilePattern(pattern)).toMatchObject({engine: 'RE2', reason})
})

test.each(['(', 'a)', '[a', '*a', 'a**', '(?<a>x)(?<a>y)', '(?=a)', '\\1', 'a{2}{3}', '[b-a]', '(?<é>a)', '\\'])(
  '%s is no pattern',
  pattern => {
    expect(() => compilePattern(pattern)).toThrow(/is not a regular expression/)
  },
)

test('replacements are those of RE2, by name too', () => {
  expect(compilePattern('(?<a>\\d)(?<b>\\d)').replaceAll('12 34', '$<b>$1')).toBe('21 43')
  expect(compilePattern('a*').replaceAll('baac', '-')).toBe('-b--c-')
  expect(compilePattern('\\s+$').replaceAll('a b  ', '')).toBe('a b')
  expect(compilePattern('[^a]').replaceAll('a😀\ud83d', '.')).toBe('a..')
})

test('of fields those that are wanted are found, whoever searches', () => {
  for (const [pattern, text] of [
    ['^(?<a>\\S+) (x) (?<b>\\S+)(?<c> .*)?$', 'one x two'],
    ['^(?<a>\\pL+) (x) (?<b>\\S+)(?<c> .*)?$', 'one x two'],
    ['^(?<a>\\S+) (x) (?<b>\\S+)(?<c> .*)?$', '😀 x two'],
  ] as const) {
    const {names, exec} = compileFields(pattern, new Set(['c', 'b', 'missing']))
    expect([names, exec(text)?.slice(1), exec('')]).toEqual([['b', 'c'], ['two', undefined], null])
    expect(compileFields(pattern, undefined).exec(text)?.slice(1)).toEqual([text.split(' ')[0], 'two', undefined])
  }
  expect(compileFields('(a)', undefined)).toMatchObject({names: [], hasNames: false})
  expect(compileFields('(?<a>a)', new Set())).toMatchObject({names: [], hasNames: true})
})
