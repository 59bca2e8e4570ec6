import {expect, test} from 'vitest'
import {cutToWidth, textWidth} from '../../../src/sinks/index.ts'

test.each([
  ['plain ASCII', 'hello', 5],
  ['Latin with marks', 'Zürich', 6],
  ['combining mark', 'Zu\u0308rich', 6],
  ['Chinese', '日本語', 6],
  ['Korean', '한국', 4],
  ['halfwidth kana', 'ｱｲ', 2],
  ['fullwidth', 'Ａ１', 4],
  ['Cyrillic', 'привет', 6],
  ['emoji', '😀', 2],
  ['emoji by variation selector', '❤\ufe0f', 2],
  ['the same as text', '❤', 1],
  ['skin tone', '👍🏽', 2],
  ['family joined by ZWJ', '👨‍👩‍👧', 2],
  ['flag', '🇩🇪', 2],
  ['zero width space', 'a\u200bb', 2],
  ['Thai vowel marks', 'ที่', 1],
  ['box and dots', '─…≈', 3],
])('%s takes its columns', (_, text, width) => {
  expect(textWidth(text)).toBe(width)
})

test('cutting keeps whole characters and tells that something is missing', () => {
  expect(cutToWidth('hello', 5)).toBe('hello')
  expect(cutToWidth('hello!', 5)).toBe('hell…')
  expect(cutToWidth('日本語', 5)).toBe('日本…')
  expect(cutToWidth('日本語', 4)).toBe('日…')
  expect(cutToWidth('a👨‍👩‍👧bc', 4)).toBe('a👨‍👩‍👧…')
  expect(cutToWidth('hello world', 8, '...')).toBe('hello...')
})
