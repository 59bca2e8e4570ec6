import {Box, renderToString, Text} from 'ink'
import {expect, test} from 'vitest'
import {columnsOf, cutText, fitText, safeText, wrapText} from '../../../../src/ui/monitor/terminal-text.ts'

const samples = [
  'plain',
  'Grüße',
  '日本語',
  'ｆｕｌｌ',
  '한국어',
  '🚀 rocket',
  'e\u0301',
  '─█░│',
  '日本\u0301',
  'עברית',
  'ไทย',
]

test.each(samples)('%j has the width that Ink gives it', text => {
  const safe = safeText(text)
  const row = (
    <Box>
      <Text>{safe}</Text>
      <Text>|</Text>
    </Box>
  )
  const inked = renderToString(row, {columns: 40})
  expect(inked).toBe(`${safe}|`)
  // What Ink lets pass uncut in so many columns is no wider; one column less must cut it.
  const cut = (columns: number): string =>
    renderToString(
      <Box width={columns}>
        <Text wrap="truncate">{safe}</Text>
      </Box>,
    )
  expect(cut(columnsOf(safe))).toBe(safe)
  expect(cut(columnsOf(safe) - 1)).not.toBe(safe)
})

test('control characters, overrides, joiners and flags are taken apart', () => {
  expect(safeText('a\u001b[2Jb')).toBe('a\\u001b[2Jb')
  expect(safeText('\u202eevil')).toBe('\\u202eevil')
  expect(safeText('👩‍👩‍👧')).toBe('👩👩👧')
  expect(safeText('👍🏽❤️')).toBe('👍❤')
  expect(safeText('🇩🇪')).toBe('DE')
  expect(safeText('soft\u00adhyphen\u200b')).toBe('softhyphen')
})

test('a cut text is never wider than its place, also in the middle of a wide character', () => {
  expect(cutText('日本語', 6)).toBe('日本語')
  expect(cutText('日本語', 5)).toBe('日本…')
  expect(cutText('日本語', 4)).toBe('日…')
  expect(cutText('abc', 1)).toBe('…')
  expect(cutText('abc', 0)).toBe('')
  expect(fitText('日本語', 4)).toBe('日… ')
  expect(fitText('ab', 4, 'right')).toBe('  ab')
})

test('long texts are broken at spaces, and within words that are too long', () => {
  expect(wrapText('one two three', 8)).toEqual(['one two', 'three'])
  expect(wrapText('abcdefghij kl', 4)).toEqual(['abcd', 'efgh', 'ij', 'kl'])
  expect(wrapText('日本語', 4)).toEqual(['日本', '語'])
  expect(wrapText('', 4)).toEqual([''])
})
