/** Patterns of rules as the engines' RE2 takes them. */
import {compilePattern} from '../rules/index.ts'
import type {Dialect} from './dialect.ts'
import {notYet, refuse} from './refused.ts'

/** What JavaScript's trim takes away, for a class. */
export const blanks =
  '\\t-\\r \\x{a0}\\x{1680}\\x{2000}-\\x{200a}\\x{2028}\\x{2029}\\x{202f}\\x{205f}\\x{3000}\\x{feff}'
/** Text without the blanks around it. */
export function trimmedText({replaceAll}: Dialect, text: string): string {
  return replaceAll(text, `^[${blanks}]+|[${blanks}]+$`, '')
}

/** What JavaScript's \S matches. */
export const visible = `[^${blanks}]`

/** Quotations, escapes, classes, the beginnings of groups, their ends with what repeats them; then anything. */
const tokens =
  /\\Q[\s\S]*?(?:\\E|$)|\\(?:x\{[^}]*\}|[\s\S])|\[\^?\]?(?:\\[\s\S]|\[:\^?\w+:\]|[^\]\\])*\]|\(\?P?<\w+>|\(\?[a-zA-Z-]*[:)]|\(|\)[?*{]?|[\s\S]/g

/**
 * A pattern without the names of its groups, which not every RE2 knows how to read.
 *
 * @throws Refused for what goes by the version of Unicode that a library was made with
 */
export function enginePattern(what: string, pattern: string): string {
  const pieces = pattern.match(tokens) ?? []
  const hasTables = pieces.some(piece => /^\\p/i.test(piece) || (piece.startsWith('[') && /\\p/i.test(piece)))
  if (hasTables) refuse(what, 'classes of Unicode such as \\p{L} differ between versions of it')
  return pieces.map(piece => (/^\(\?P?</.test(piece) ? '(' : piece)).join('')
}

/**
 * How a group that took no part in a match can be told from one that matched empty text: `always` takes part, `never` matches empty
 * text. Undefined: it cannot.
 */
export function groupPart(pattern: string, group: number): 'always' | 'never-empty' | undefined {
  if (group === 0) return 'always'
  const pieces = pattern.match(tokens) ?? []
  if (!pieces.some(piece => piece === '|' || /^\)[?*{]$/.test(piece))) return 'always'
  const body = bodyOf(pieces, group)
  return body.includes('\\b') || body.includes('\\B') || canBeEmpty(body) ? undefined : 'never-empty'
}

/** What stands between the brackets of a group. */
function bodyOf(pieces: readonly string[], group: number): string {
  const open: number[] = []
  let count = 0
  let start = -1
  for (const [index, piece] of pieces.entries()) {
    if (piece === '(' || /^\(\?P?</.test(piece)) {
      open.push(index)
      if (++count === group) start = index
    } else if (/^\(\?.*:$/.test(piece)) open.push(index)
    else if (piece.startsWith(')') && open.pop() === start) return pieces.slice(start + 1, index).join('')
  }
  return ''
}

function canBeEmpty(pattern: string): boolean {
  return compilePattern(pattern).test('')
}

/**
 * The pattern and the replacement of a `replace`, in the spelling of RE2.
 *
 * @throws Refused
 */
export function engineReplacement(pattern: string, replacement: string): {pattern: string; replacement: string} {
  if (canBeEmpty(pattern) || /\\b/i.test(pattern)) {
    refuse('replace', 'its pattern can match empty text, and libraries differ in where they find it')
  }
  const {groupCount} = compilePattern(pattern)
  const translated = replacement.replace(/\$(?:(\d\d?)|([$&`'<]))|\\/g, (whole, digits?: string, mark?: string) => {
    if (whole === '\\') return '\\\\'
    if (mark === '$') return '$'
    if (mark === '&') return '\\0'
    if (mark !== undefined) return refuse('replace', `$${mark} in the replacement: ${notYet}`)
    if (digits!.length > 1) return refuse('replace', `a group of two digits in the replacement: ${notYet}`)
    const group = Number(digits)
    return group >= 1 && group <= groupCount ? `\\${group}` : whole
  })
  return {pattern: enginePattern('replace', pattern), replacement: translated}
}
