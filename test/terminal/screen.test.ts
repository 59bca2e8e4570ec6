import {expect, test} from 'vitest'
import {Screen} from './screen.ts'

const shown = (text: string, columns = 10, rows = 3): readonly string[] => {
  const screen = new Screen(columns, rows)
  screen.write(text)
  return screen.lines
}

test('text goes on at the cursor, and on the next line when one is full', () => {
  expect(shown('ab\r\ncd\rX')).toEqual(['ab', 'Xd'])
  expect(shown('abcdef', 4)).toEqual(['abcd', 'ef'])
})

test('lines are erased and drawn again in place', () => {
  expect(shown('one\r\ntwo\u001b[2K\u001b[1A\u001b[2K\u001b[Gnew')).toEqual(['new'])
  expect(shown('one\r\ntwo\u001b[1A\r\u001b[J')).toEqual([])
})

test('what was scrolled away is out of reach', () => {
  expect(shown('1\r\n2\r\n3\r\n4\u001b[9A\r\u001b[2KX')).toEqual(['1', 'X', '3', '4'])
})

test('sequences may be cut anywhere', () => {
  const screen = new Screen(10, 3)
  for (const char of 'a\u001b[?25l\u001b[31mb\u001b[39m') screen.write(char)
  expect(screen.lines).toEqual(['ab'])
  expect([screen.isCursorShown, screen.isCleared, [...screen.colors]]).toEqual([false, false, ['31', '39']])
})

test('clearing the screen is noticed', () => {
  const screen = new Screen(10, 3)
  screen.write('\u001b[2J')
  expect(screen.isCleared).toBe(true)
})
