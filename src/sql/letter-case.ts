/** Letters that have the same other case in JavaScript, ClickHouse and DuckDB: compared one by one with ClickHouse 26.7 and DuckDB 1.5. */

/** Latin, Greek, Cyrillic, Armenian, Hebrew, Arabic, Devanagari, Thai; punctuation, kana, Chinese, Hangul, wide forms, emoji. */
const compared = [
  ['0', '17f'],
  ['386', '386'],
  ['388', '3ce'],
  ['400', '481'],
  ['48a', '4ff'],
  ['531', '556'],
  ['561', '586'],
  ['5d0', '5ea'],
  ['620', '64a'],
  ['900', '97f'],
  ['e01', 'e30'],
  ['1e00', '1e95'],
  ['1ea0', '1ef9'],
  ['2010', '2027'],
  ['20a0', '20bf'],
  ['3000', '30ff'],
  ['4e00', '9fff'],
  ['ac00', 'd7a3'],
  ['ff01', 'ff5e'],
  ['1f300', '1f64f'],
] as const

/** What becomes several letters, or goes by its neighbours: İ and the last Σ of a word; ß, ŉ, ΐ, ΰ. */
const odd = {lower: ['130', '3a3'], upper: ['df', '149', '390', '3b0']} as const

/** A pattern that finds what may come out differently. */
export function oddLetters(transform: 'lower' | 'upper'): string {
  const ranges = compared.map(([from, to]) => `\\x{${from}}-\\x{${to}}`)
  return `[^${ranges.join('')}]|[${odd[transform].map(code => `\\x{${code}}`).join('')}]`
}
