/**
 * Text of strangers in a fixed number of terminal columns.
 *
 * Terminals disagree about joined emoji, variation selectors, skin tones and flags. `safeText` takes those apart, so that
 * what is left has the same width everywhere: 2 columns for wide characters, 0 for marks, 1 for the rest.
 */
import {printable} from '../../base/index.ts'

const plain = /^[\u0020-\u007e]*$/
const invisible = /\p{Default_Ignorable_Code_Point}|\p{Cf}|\p{Emoji_Modifier}/gu
const flags = /[\u{1f1e6}-\u{1f1ff}]/gu
const mark = /^\p{M}$/u
const pictograph = /^\p{Emoji_Presentation}$/u

/** First and last code points of scripts whose characters take two columns (Unicode: East Asian Wide and Fullwidth). */
const wideRanges: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2329, 0x232a],
  [0x2e80, 0x303e],
  [0x3041, 0x4dbf],
  [0x4e00, 0xa4cf],
  [0xa960, 0xa97f],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe10, 0xfe19],
  [0xfe30, 0xfe6f],
  [0xff01, 0xff60],
  [0xffe0, 0xffe6],
  [0x16fe0, 0x18cff],
  [0x1aff0, 0x1b2ff],
  [0x20000, 0x3fffd],
]

/** Without control characters and without anything whose width a terminal could see differently. */
export function safeText(text: string): string {
  if (plain.test(text)) return text
  return printable(text.normalize('NFC'))
    .replace(invisible, '')
    .replace(flags, char => String.fromCodePoint(char.codePointAt(0)! - 0x1f1e6 + 0x41))
}

/** Terminal columns that a safe text takes. */
export function columnsOf(text: string): number {
  if (plain.test(text)) return text.length
  let columns = 0
  for (const char of text) columns += charColumns(char)
  return columns
}

function charColumns(char: string): number {
  const code = char.codePointAt(0)!
  if (code < 0x300) return 1
  if (mark.test(char)) return 0
  if (pictograph.test(char)) return 2
  return wideRanges.some(([first, last]) => code >= first && code <= last) ? 2 : 1
}

/** The text, cut with `…` when it takes more than `columns`. */
export function cutText(text: string, columns: number): string {
  if (columns <= 0) return ''
  if (columnsOf(text) <= columns) return text
  let kept = ''
  let used = 0
  for (const char of text) {
    const width = charColumns(char)
    if (used + width > columns - 1) break
    kept += char
    used += width
  }
  return `${kept}…`
}

/** The text in exactly `columns` columns. */
export function fitText(text: string, columns: number, align: 'left' | 'right' = 'left'): string {
  const cut = cutText(text, columns)
  const space = ' '.repeat(Math.max(0, columns - columnsOf(cut)))
  return align === 'left' ? cut + space : space + cut
}

/** Lines of at most `columns` columns, broken at spaces where there are any. */
export function wrapText(text: string, columns: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`
    if (columnsOf(longer) <= columns) {
      line = longer
      continue
    }
    if (line !== '') lines.push(line)
    const pieces = chopText(word, columns)
    line = pieces.pop() ?? ''
    lines.push(...pieces)
  }
  return [...lines, line]
}

function chopText(word: string, columns: number): string[] {
  const pieces = ['']
  let used = 0
  for (const char of word) {
    const width = charColumns(char)
    if (used + width > columns) {
      pieces.push('')
      used = 0
    }
    pieces[pieces.length - 1] += char
    used += width
  }
  return pieces
}
