import {textCharsMax} from './limits.ts'
import {linearSearch} from './linear-search.ts'
import {parsePattern} from './parse-pattern.ts'
import type {Pattern} from './pattern.ts'
import {re2Pattern} from './re2-pattern.ts'
import {classText, regExpSource} from './regexp-source.ts'
import {Unsure} from './tree.ts'

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

/** @throws Unsure */
function regExpPattern(pattern: string): Pattern {
  const {root, groupCount, groupNames} = parsePattern(pattern)
  const {isForLines, firstRun, loss} = linearSearch(root)
  const source = regExpSource(root)
  const regExp = new RegExp(firstRun === undefined ? source : `(?<!${classText(firstRun)})(?:${source})`)
  const everywhere = new RegExp(source, 'g')
  let re2: Pattern | undefined
  /** For what RegExp is not asked to do. RE2JS is loaded when that is needed first. */
  const byRe2 = (): Pattern => {
    re2 ??= re2Pattern(pattern, '')
    return re2
  }
  // One code unit is one character there. With the flag u V8 14.6 finds things between the halves of a pair, and misses some at the end.
  const isUsual = (text: string): boolean =>
    text.length <= textCharsMax && !surrogate.test(text) && !(isForLines && text.includes('\n'))
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
      // Searches go on behind each match: those of a pattern that is not spread could all read to the end. Groups have no names here.
      const canReplace =
        isTextUsual && loss.isSpread && firstRun === undefined && !(groupNames.size > 0 && replacement.includes('$<'))
      return canReplace ? text.replace(everywhere, replacement) : byRe2().replaceAll(text, replacement)
    },
  }
}

const surrogate = /[\ud800-\udfff]/
