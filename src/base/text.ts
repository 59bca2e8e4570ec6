/** Text for people: nearest names, safe excerpts, sizes. */

const excerptCharsMax = 200

/**
 * The known name that is most like `word`, when one is close enough to be a slip of the finger.
 *
 * Compares without case; at most a third of the letters (and at least two) may differ. A name that begins with the word is
 * near too.
 */
export function nearest(word: string, known: readonly string[]): string | undefined {
  let best: string | undefined
  let bestDistance = Math.max(2, Math.floor(word.length / 3)) + 1
  for (const candidate of known) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase(), bestDistance)
    if (distance < bestDistance) {
      best = candidate
      bestDistance = distance
    }
  }
  return best ?? (word.length >= 3 ? known.find(name => name.toLowerCase().startsWith(word.toLowerCase())) : undefined)
}

/** ` Did you mean "x"?`, or nothing. */
export function didYouMean(word: string, known: readonly string[]): string {
  const name = nearest(word, known)
  return name === undefined ? '' : ` Did you mean "${name}"?`
}

/** Levenshtein distance with neighbouring swaps counted as one, cut off at `limit`. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit
  let beforePrevious: number[] = []
  let previous = Array.from({length: b.length + 1}, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1
      let distance = Math.min(previous[j]! + 1, row[j - 1]! + 1, previous[j - 1]! + cost)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        distance = Math.min(distance, beforePrevious[j - 2]! + 1)
      }
      row.push(distance)
    }
    beforePrevious = previous
    previous = row
  }
  return previous[b.length]!
}

/**
 * Text from data made safe for a terminal: control characters (C0, DEL, C1) and bidirectional overrides become visible escapes.
 */
export function printable(text: string): string {
  return text.replace(
    /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2028\u2029\u2066-\u2069]/g,
    char => ({'\n': '\\n', '\r': '\\r', '\t': '\\t'})[char] ?? `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** Lines made safe for a terminal: as `printable`, but line feeds stay. */
export function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n')
}

/** The beginning of a record, safe to print. */
export function excerptOf(text: string, charsMax: number = excerptCharsMax): string {
  return text.length <= charsMax ? printable(text) : `${printable(text.slice(0, charsMax))}…`
}

/** `1,234,567` for people; groups of three, no locale. Text is taken as a number already written out. */
export function groupDigits(value: number | bigint | string): string {
  return String(value).replace(
    /^(-?)(\d+)/,
    (_, sign: string, digits: string) => sign + digits.replace(/\B(?=(\d{3})+$)/g, ','),
  )
}

/** `1.5 GB` (powers of ten, like disk and file tools) for people. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let value = bytes
  let index = 0
  while (value >= 999.5 && index < units.length - 1) {
    value /= 1000
    index++
  }
  return index === 0 ? `${bytes} B` : `${value.toFixed(value < 9.95 ? 1 : 0)} ${units[index]}`
}

/** Parses `512MiB`, `1.5GB`, `64k` or plain bytes. Units of 1000 (kB, MB, GB, TB) and of 1024 (KiB …, and bare K, M, G, T). */
export function parseBytes(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*([kmgt]?)(i?b?)$/i.exec(text.trim())
  if (!match) return undefined
  const power = 'kmgt'.indexOf(match[2]!.toLowerCase() || ' ') + 1
  const base = match[3]!.toLowerCase() === 'b' ? 1000 : 1024
  return Math.floor(Number(match[1]) * (power === 0 ? 1 : base ** power))
}

/** Text order by code point, as in UTF-8 bytes (JavaScript's own order compares 16-bit units). Returns <0, 0 or >0. */
export function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let index = 0; index < length; index++) {
    const x = a.charCodeAt(index)
    const y = b.charCodeAt(index)
    if (x !== y) {
      // Surrogates stand for code points above every other 16-bit unit.
      const xRank = x >= 0xd800 && x <= 0xdfff ? x + 0x10000 : x
      const yRank = y >= 0xd800 && y <= 0xdfff ? y + 0x10000 : y
      return xRank - yRank
    }
  }
  return a.length - b.length
}
