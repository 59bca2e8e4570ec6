/**
 * Random patterns and texts, searched by RegExp and by RE2JS: the same matches, groups and replacements.
 *
 *     node test/unit/rules/patterns/fuzz.ts COUNT [SEED]
 */
import {RE2JS} from 're2js'
import {type Random, seededRandom} from '../../../../src/base/random.ts'
import {compileFields, compilePattern, type Pattern} from '../../../../src/rules/patterns/index.ts'

/** Near each other in what classes and folding do: Kelvin's sign, the long s, halves of a pair, what JavaScript's \s and . leave out. */
const oddChars = [
  '\n',
  '\r',
  '\v',
  '\f',
  '\t',
  '\u00a0',
  '\u2028',
  '\ufeff',
  'é',
  'É',
  'ß',
  '\u212a',
  '\u017f',
  '😀',
  '\ud83d',
  '\ude00',
  '\0',
  '\u0085',
]
const usualChars = [...'aabbcckKsS019_ .:=-/[]"{}^$|()+*?\\,']
const literals = [
  ...'aabbckKsS01_ :=/",<>@é😀ß',
  '-',
  '\\.',
  '\\[',
  '\\]',
  '\\(',
  '\\|',
  '\\\\',
  '\\-',
  '\\"',
  '\\_',
  '\\ ',
  '\\x41',
  '\\x{1F600}',
  '\\n',
  '\\t',
  '\\v',
  '\\a',
  ']',
  '}',
]
const classes = [
  '.',
  '\\d',
  '\\D',
  '\\s',
  '\\S',
  '\\w',
  '\\W',
  '[ab]',
  '[^a]',
  '[a-c]',
  '[^ ]',
  '[0-9a-f]',
  '[^\\]]',
  '[]a]',
  '[^]a]',
  '[a-]',
  '[-a]',
  '[\\w.-]',
  '[^\\s:\\[]',
  '[^"\\\\]',
  '[\\d-x]',
  '[é-ÿ]',
  '[😀-😂]',
  '[^😀]',
  '[^\\n]',
  '[\\S\\n]',
  '[a\\-z]',
  '[k-s]',
  '[A-Z][a-z]',
  '[[:alpha:]]',
  '\\pL',
  '[^\\W_]',
  '[\\x00-\\x{10FFFF}]',
  '[+--]',
]
const repeats = [
  '*',
  '+',
  '?',
  '*?',
  '+?',
  '??',
  '{2}',
  '{1,3}',
  '{2,}',
  '{0,2}?',
  '{1,2}',
  '{3}?',
  '{0,}',
  '{1,}',
  '{0,1}',
  '{1}',
  '**',
  '{,2}',
  '{2}{3}',
]
const assertions = ['^', '$', '\\b', '\\B', '\\A', '\\z', '^', '$']
const realistic = [
  '^(?<time>\\S+) (?<level>\\w+) \\[(?<app>[^\\]]+)\\] user=(?<user>\\d+) (?<msg>.*)$',
  '(?i)error|warn(?:ing)?',
  'id=(\\d+)',
  '\\b(\\d{1,3})\\.(\\d{1,3})\\.(\\d+)\\b',
  '^[^?]*',
  '"([^"\\\\]|\\\\.)*"',
  '^(?P<a>[a-z]+):(?:(?P<b>\\d+)(?:\\.(?P<c>\\d+))?)?$',
  '(?:, \\w+)*$',
  '^(?:\\w+=\\w+ ?)+$',
  '^(.*?) - (.*)$',
  '(\\S+) (\\S+)$',
  '\\s+$',
  '.*error.*',
  '[0-4]$',
  ':(?:0[0-9]|1[0-4])$',
]

export interface PatternCase {
  readonly pattern: string
  readonly texts: readonly string[]
}

export function patternCaseOf(seed: number): PatternCase {
  const random = seededRandom(seed)
  const pattern = random.int(5) === 0 ? changed(random, random.pick(realistic)) : somePattern(random)
  return {pattern, texts: Array.from({length: 12}, () => someText(random, pattern))}
}

function somePattern(random: Random): string {
  let groups = 0
  const atom = (depth: number): string => {
    const kind = random.int(depth > 3 ? 6 : 9)
    if (kind < 3) return random.pick(literals)
    if (kind < 5) return random.pick(classes)
    if (kind === 5) return random.int(3) === 0 ? random.pick(assertions) : random.pick(literals)
    const inner = choice(depth + 1)
    if (random.int(8) === 0) return `(?${random.pick(['i', 's', 'is', 'm', 'U', '-i'])}:${inner})`
    const opening = random.pick(['(', '(', '(?:', '(?:', `(?<g${++groups}>`, `(?P<g${++groups}>`])
    return `${opening}${inner})`
  }
  const sequence = (depth: number): string => {
    let text = ''
    for (let count = random.int(5); count >= 0; count--) {
      text += atom(depth)
      if (random.int(3) === 0) text += random.pick(repeats)
    }
    return text
  }
  const choice = (depth: number): string => {
    const options = Array.from({length: random.int(4) === 0 ? 2 + random.int(2) : 1}, () => sequence(depth))
    if (random.int(12) === 0) options.push('')
    return options.join('|')
  }
  const start = random.pick(['', '', '^', '^', '(?i)', '(?s)', '(?i)^'])
  return start + choice(0) + random.pick(['', '', '', '$'])
}

/** One character more, less, or another one. */
function changed(random: Random, pattern: string): string {
  if (random.int(2) === 0) return pattern
  const at = random.int(pattern.length + 1)
  const piece = random.pick([
    random.pick(literals),
    random.pick(classes),
    random.pick(repeats),
    random.pick(assertions),
  ])
  return pattern.slice(0, at) + (random.int(3) === 0 ? '' : piece) + pattern.slice(at + random.int(2))
}

/** Of characters and stretches that the pattern has, mostly. */
function someText(random: Random, pattern: string): string {
  const own = [...pattern.replace(/\\./g, '')]
  const hasOdd = random.int(3) === 0
  const piece = (): string => {
    switch (random.int(6)) {
      case 0:
        return random.pick(hasOdd ? oddChars : usualChars)
      case 1:
        return random.pick(usualChars).repeat(1 + random.int(4))
      case 2: {
        const at = random.int(own.length + 1)
        return own.slice(at, at + 1 + random.int(5)).join('')
      }
      default:
        return own.length === 0 ? 'a' : random.pick(own)
    }
  }
  return Array.from({length: random.int(14)}, piece).join('')
}

const replacements = ['', 'x', '<$&>', '$1', '[$2$1]', '$10', '$0', '$$', '$<g1>', "$`|$'"]

/** Undefined for what is no pattern. */
export function patternOf(pattern: string): Pattern | undefined {
  try {
    return compilePattern(pattern)
  } catch {
    return undefined
  }
}

/** What RegExp did otherwise; undefined: nothing, or the pattern is for RE2. */
export function patternDifference({pattern, texts}: PatternCase): {isForRegExp: boolean; difference?: unknown} {
  const compiled = patternOf(pattern)
  if (compiled?.engine !== 'RegExp') return {isForRegExp: false}
  const expected = RE2JS.compile(pattern)
  const shape = [compiled.groupCount, Object.fromEntries(compiled.groupNames)]
  const expectedShape = [expected.groupCount(), {...expected.namedGroups()}]
  if (JSON.stringify(shape) !== JSON.stringify(expectedShape))
    return {isForRegExp: true, difference: {pattern, shape, expectedShape}}
  const nameOf = new Map([...compiled.groupNames].map(([name, group]) => [group, name]))
  const ofNames = [['g1'], ['g2', 'g3'], [...nameOf.values()]].map(
    names => [names, compileFields(pattern, new Set(names))] as const,
  )
  for (const text of texts) {
    const found = compiled.exec(text)
    const wanted = expected.exec(text) as (string | undefined)[] | null
    const results: unknown[] = [found && [...found], compiled.test(text), (found as RegExpExecArray | null)?.index]
    const wantedResults: unknown[] = [
      wanted && [...wanted],
      expected.test(text),
      (wanted as RegExpExecArray | null)?.index,
    ]
    for (const replacement of replacements) {
      results.push(compiled.replaceAll(text, replacement))
      wantedResults.push(expected.matcher(text).replaceAll(replacement))
    }
    for (const [names, fields] of ofNames) {
      results.push(fields.exec(text)?.slice())
      wantedResults.push(wanted?.filter((_, group) => group === 0 || names.includes(nameOf.get(group) ?? '')))
    }
    if (show(results) !== show(wantedResults))
      return {isForRegExp: true, difference: {pattern, text, results, wantedResults}}
  }
  return {isForRegExp: true}
}

const show = (value: unknown): string =>
  JSON.stringify(value, (_, inner: unknown) => (inner === undefined ? 'undefined!' : inner))

if (process.argv[1] === import.meta.filename) {
  const count = Number(process.argv[2] ?? 10_000)
  const first = Number(process.argv[3] ?? 1)
  let byRegExp = 0
  let differences = 0
  for (let seed = first; seed < first + count; seed++) {
    const {isForRegExp, difference} = patternDifference(patternCaseOf(seed))
    if (isForRegExp) byRegExp++
    if (difference !== undefined && ++differences <= 20) console.log(seed, JSON.stringify(difference))
  }
  console.log(`${count} patterns from seed ${first}, ${byRegExp} of them by RegExp: ${differences} differences`)
}
