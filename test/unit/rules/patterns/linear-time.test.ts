import {describe, expect, test} from 'vitest'
import {seededRandom} from '../../../../src/base/random.ts'
import {compilePattern} from '../../../../src/rules/patterns/index.ts'
import {textCharsMax} from '../../../../src/rules/patterns/limits.ts'
import {linearSearch} from '../../../../src/rules/patterns/linear-search.ts'
import {parsePattern} from '../../../../src/rules/patterns/parse-pattern.ts'
import {Unsure} from '../../../../src/rules/patterns/tree.ts'
import {countSteps} from './count-steps.ts'
import {patternCaseOf, patternOf} from './fuzz.ts'

/** Short texts over and over, with something else at the end: what makes going back long. */
function hostileTexts(pattern: string, texts: readonly string[], seed: number): string[] {
  const random = seededRandom(seed)
  const own = pattern.replace(/[^ -~]/g, '').replace(/\\[a-zA-Z]/g, 'a1')
  const pieces = texts.map(text => text.replace(/[^ -~]/g, '')).filter(text => text !== '' && text.length < 12)
  for (let count = 0; count < 6; count++) {
    const at = random.int(own.length + 1)
    pieces.push(own.slice(at, at + 1 + random.int(4)) || 'a')
  }
  return pieces
}

const longer = (piece: string, length: number): string => `${piece.repeat(Math.ceil(length / piece.length))}!`

/** How many times as many steps a text of four times the length takes, about. */
function growth(pattern: string, piece: string): number {
  const {root} = parsePattern(pattern)
  const {firstRun} = linearSearch(root)
  return growthOf(root, piece, firstRun)
}

function growthOf(root: ReturnType<typeof parsePattern>['root'], piece: string, firstRun?: readonly number[]): number {
  const [short, long] = [60, 240].map(length => countSteps(root, longer(piece, length), firstRun))
  // What is the same for both counts for nothing.
  return (long! - short!) / Math.max(short!, 60)
}

describe('the steps of a search grow with the text', () => {
  test.each(Array.from({length: 8}, (_, index) => 1 + index * 500))('random patterns from seed %i', first => {
    for (let seed = first; seed < first + 500; seed++) {
      const {pattern, texts} = patternCaseOf(seed)
      if (patternOf(pattern)?.engine !== 'RegExp') continue
      const {root} = parsePattern(pattern)
      const {firstRun, loss} = linearSearch(root)
      for (const piece of hostileTexts(pattern, texts, seed)) {
        for (const length of [30, 120, 480]) {
          const steps = countSteps(root, longer(piece, length), firstRun)
          const most = 8 * (loss.fixed + loss.perChar + 4) * (length + piece.length + 2)
          expect({pattern, piece, length, isFew: steps <= most, steps, most}).toMatchObject({isFew: true})
        }
      }
    }
  })

  test.each([
    ['^(?<a>\\S+) (?<b>[^ ]*) (?<c>.*)$', 'a b '],
    ['^<\\d{1,3}>1 (\\S+) (\\S+) (-|\\[.*?\\]) ?(.*)$', '<1>1 a [] '],
    ['(\\w+)@(\\w+)\\.com', 'aaa@a'],
    ['\\s+$', '  '],
    ['(\\d+)ms\\b', '12'],
    ['level=(\\w+) ', 'level='],
    ['^(?:\\w+=\\w+ )*$', 'a=b '],
    ['.*error.*', 'erro'],
  ])('%s', (pattern, piece) => {
    expect(growth(pattern, piece)).toBeLessThan(6)
  })

  test.each([
    ['(a+)+b', 'a'],
    ['a.*b', 'a'],
    ['^(\\w+)\\s*=\\s*(.*?)\\s*$', 'a= '],
    ['"([^"\\\\]|\\\\.)*"', '\\"'],
    ['\\[([^\\]]*)\\]', '['],
    ['^(.*)(\\w+) x$', 'ab'],
    ['(?:a|a)*b', 'a'],
    ['(\\w+)x(\\w+)x', 'x'],
    ['^(.*?) - (.*) = (.*)$', ' -'],
  ])('%s is for RE2', pattern => {
    expect(compilePattern(pattern)).toMatchObject({engine: 'RE2', reason: expect.stringMatching(/^could|^has/)})
  })

  test('is noticed where they grow faster', () => {
    expect(growthOf(parsePattern('a.*b').root, 'a')).toBeGreaterThan(10)
    expect(growthOf(parsePattern('\\s+$').root, ' ')).toBeGreaterThan(10)
    expect(() => countSteps(parsePattern('(a+)+b').root, 'a'.repeat(40), undefined, 1e6)).toThrow(RangeError)
  })
})

describe('the longest texts', () => {
  // Squared, their length is ten minutes.
  test.each([
    ['^(?:[^,"]*,){3}(?:"[^"]*",)*x$', '"a",'],
    ['^(?:(?:a|b)(?:c|d)?)*$', 'acb'],
    ['(\\S+)@(\\S+)', 'a'],
    ['^(.*?) - (.*)$', '-'],
    ['^(?:, \\w+)*;', ', a'],
    ['^(a|ab)(c|bcd)*x$', 'bcd'],
    ['\\s+$', '\t '],
    ['^(([a-z])\\d?)+!?$', 'a1'],
    ['^(.*) (\\d+)$', '1 '],
  ])('%s', (pattern, piece) => {
    const compiled = compilePattern(pattern)
    expect(compiled.engine).toBe('RegExp')
    const text = piece.repeat(textCharsMax / piece.length)
    expect(compiled.test(`${text.slice(0, textCharsMax - 1)}?`)).toBe(false)
    expect(typeof compiled.test(text)).toBe('boolean')
  })

  test('beyond them RE2 searches, with the same answer', () => {
    const compiled = compilePattern('^(a+)(b?)$')
    const text = 'a'.repeat(textCharsMax + 1)
    expect(compiled.engine).toBe('RegExp')
    expect(compiled.exec(text)?.slice(1)).toEqual([text, ''])
    expect(compiled.replaceAll(text, '<$2>')).toBe('<>')
  })
})

test('a pattern that RE2 has is refused by the proof only with a reason', () => {
  for (const pattern of [
    'x{101}',
    `(?:${'a|'.repeat(700)}b)`,
    '('.repeat(41) + ')'.repeat(41),
    'a'.repeat(2001),
    '(?:(?:a{90}){90})',
  ])
    expect(() => linearSearch(parsePattern(pattern).root), pattern.slice(0, 20)).toThrow(Unsure)
})
