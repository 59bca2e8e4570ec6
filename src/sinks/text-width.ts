/**
 * How many terminal columns a text takes: East Asian wide characters and emoji two, combining marks none.
 *
 * Approximates Unicode's East Asian Width (16) with the ranges that occur; terminals disagree about the rest anyway.
 */

/** First and last code points of wide blocks, ascending. Single emoji are found by their Unicode property instead. */
const wideRanges: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f], // Hangul Jamo, initial consonants
  [0x2329, 0x232a], // angle brackets
  [0x2e80, 0x303e], // CJK radicals, punctuation
  [0x3041, 0xa4cf], // kana, CJK ideographs, Yi
  [0xa960, 0xa97f], // Hangul Jamo Extended-A
  [0xac00, 0xd7a3], // Hangul syllables
  [0xf900, 0xfaff], // CJK compatibility ideographs
  [0xfe10, 0xfe19], // vertical forms
  [0xfe30, 0xfe6f], // CJK compatibility and small forms
  [0xff01, 0xff60], // fullwidth forms
  [0xffe0, 0xffe6], // fullwidth signs
  [0x16fe0, 0x18dff], // Tangut, Khitan
  [0x1aff0, 0x1b2ff], // kana supplements, Nushu
  [0x1f200, 0x1f265], // enclosed ideographs
  [0x20000, 0x3fffd], // CJK extensions
]

const zeroWidthJoiner = 0x200d
const emojiVariation = 0xfe0f
const firstSkinTone = 0x1f3fb
const lastSkinTone = 0x1f3ff

/** Terminal columns of a text without control characters. */
export function textWidth(text: string): number {
  if (isPlain(text)) return text.length
  let width = 0
  for (const cluster of clustersOf(text)) width += cluster.width
  return width
}

/** The beginning of a text that fits `columns`, with the ellipsis (ASCII or one column) at its end when something was cut. */
export function cutToWidth(text: string, columns: number, ellipsis = '…'): string {
  if (textWidth(text) <= columns) return text
  let kept = ''
  let width = 0
  for (const cluster of clustersOf(text)) {
    if (width + cluster.width > columns - ellipsis.length) break
    kept += cluster.text
    width += cluster.width
  }
  return kept + ellipsis
}

/** Printable ASCII, one column each: nearly every cell. */
function isPlain(text: string): boolean {
  return /^[ -~]*$/.test(text)
}

interface Cluster {
  text: string
  width: number
}

/** Characters with what is drawn on top of them: marks, variation selectors, skin tones, joined emoji. */
function clustersOf(text: string): Cluster[] {
  const clusters: Cluster[] = []
  let isJoined = false
  for (const char of text) {
    const code = char.codePointAt(0)!
    const last = clusters.at(-1)
    const width = charWidth(char, code)
    const isSkinTone = code >= firstSkinTone && code <= lastSkinTone && last?.width === 2
    if (last && (width === 0 || isJoined || isSkinTone)) {
      last.text += char
      // The variation selector turns a narrow sign such as ❤ into an emoji.
      if (code === emojiVariation) last.width = 2
    } else {
      clusters.push({text: char, width})
    }
    isJoined = code === zeroWidthJoiner && last?.width === 2
  }
  return clusters
}

function charWidth(char: string, code: number): 0 | 1 | 2 {
  if (code < 0x300) return code === 0xad ? 0 : 1
  if (/^[\p{M}\p{Cf}\u1160-\u11ff]$/u.test(char)) return 0
  if (wideRanges.some(([first, last]) => code >= first && code <= last)) return 2
  // Half a flag is one column: flags are pairs.
  if (code >= 0x1f1e6 && code <= 0x1f1ff) return 1
  return /^\p{Emoji_Presentation}$/u.test(char) ? 2 : 1
}
