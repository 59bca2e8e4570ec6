import {expect, test} from 'vitest'
import {durationText} from '../../../src/ui/index.ts'
import {percentText} from '../../../src/ui/progress-text.ts'

test.each([
  [0, '0.0 s'],
  [3240, '3.2 s'],
  [9949, '9.9 s'],
  [9950, '10 s'],
  [59_400, '59 s'],
  [59_600, '1 m 00 s'],
  [185_000, '3 m 05 s'],
  [7_620_000, '2 h 07 m'],
  [3_600_000_000, '1,000 h 00 m'],
])('%d ms is %s', (ms, text) => {
  expect(durationText(ms)).toBe(text)
})

test('a hundred per cent means that nothing is left', () => {
  expect(percentText(0)).toBe('  0 %')
  expect(percentText(0.9999)).toBe(' 99 %')
  expect(percentText(1)).toBe('100 %')
})
