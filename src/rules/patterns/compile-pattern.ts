import {textCharsMax} from './limits.ts'
import {linearSearch} from './linear-search.ts'
import {parsePattern} from './parse-pattern.ts'
import type {Pattern} from './pattern.ts'
import {re2Pattern} from './re2-pattern.ts'
import {classText, regExpSource} from './regexp-source.ts'
import {type PatternNode, Unsure, withGroups} from './tree.ts'

/**
 * Compiles a pattern in RE2 syntax. A search takes time linear in the text, whatever the pattern.
 *
 * @throws UserError BAD_RULE with the pattern and what is wrong with it
 */
export function compilePattern(pattern: string): Pattern {
  try {
    return regExpPattern(pattern)
  } catch (error) {
    if (!(error instanceof Unsure)) throw error
    return re2Pattern(pattern, error.message)
  }
}

/** Of a pattern the named groups that somebody looks at. */
export interface PatternFields {
  /** In the order of the pattern. */
  readonly names: readonly string[]
  /** Whether the pattern names any group. */
  readonly hasNames: boolean
  /** The first match, behind it the groups of `names`; undefined for one that took no part in it. */
  exec(text: string): readonly (string | undefined)[] | null
}

/**
 * The same for a pattern whose named groups are fields: groups that nobody wants are not taken out of the text, which is a third of a search.
 *
 * @param wanted - names; undefined: all
 */
export function compileFields(pattern: string, wanted: ReadonlySet<string> | undefined): PatternFields {
  const whole = compilePattern(pattern)
  const all = [...whole.groupNames]
  const kept = all.filter(([name]) => wanted?.has(name) ?? true)
  const byWhole = (text: string): readonly (string | undefined)[] | null => {
    const found = whole.exec(text)
    return found && [found[0], ...kept.map(([, group]) => found[group])]
  }
  const fields = {names: kept.map(([name]) => name), hasNames: all.length > 0}
  if (whole.engine === 'RE2') return {...fields, exec: byWhole}
  const {root} = parsePattern(pattern)
  const {regExp, isUsual} = regExpSearch(withGroups(root, new Set(kept.map(([, group]) => group))))
  return {...fields, exec: text => (isUsual(text) ? regExp.exec(text) : byWhole(text))}
}

/** @throws Unsure */
function regExpPattern(pattern: string): Pattern {
  const {root, groupCount, groupNames} = parsePattern(pattern)
  const {regExp, isUsual, isReplacing} = regExpSearch(root)
  const everywhere = new RegExp(regExp.source, 'g')
  let re2: Pattern | undefined
  /** For what RegExp is not asked to do. RE2JS is loaded when that is needed first. */
  const byRe2 = (): Pattern => {
    re2 ??= re2Pattern(pattern, '')
    return re2
  }
  return {
    engine: 'RegExp',
    reason: undefined,
    groupCount,
    groupNames,
    test: text => (isUsual(text) ? regExp.test(text) : byRe2().test(text)),
    exec: text => (isUsual(text) ? regExp.exec(text) : byRe2().exec(text)),
    replaceAll: (text, replacement) => {
      const isTextUsual = isUsual(text)
      if (isTextUsual && !regExp.test(text)) return text
      // Groups have no names here.
      const hasNamed = groupNames.size > 0 && replacement.includes('$<')
      return isTextUsual && isReplacing && !hasNamed
        ? text.replace(everywhere, replacement)
        : byRe2().replaceAll(text, replacement)
    },
  }
}

interface RegExpSearch {
  readonly regExp: RegExp
  /** Whether it may search that text. */
  readonly isUsual: (text: string) => boolean
  /** Whether it may search behind each match again. */
  readonly isReplacing: boolean
}

/** @throws Unsure */
function regExpSearch(root: PatternNode): RegExpSearch {
  const {isForLines, firstRun, loss} = linearSearch(root)
  const source = regExpSource(root)
  return {
    regExp: new RegExp(firstRun === undefined ? source : `(?<!${classText(firstRun)})(?:${source})`),
    // One code unit is one character there. With the flag u V8 14.6 finds things between the halves of a pair, and misses some at the end.
    isUsual: text => text.length <= textCharsMax && !surrogate.test(text) && !(isForLines && text.includes('\n')),
    // All tries of a pattern that is not spread could read to the end of the text.
    isReplacing: loss.isSpread && firstRun === undefined,
  }
}

const surrogate = /[\ud800-\udfff]/
