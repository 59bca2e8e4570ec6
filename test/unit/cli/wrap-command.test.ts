import {expect, test} from 'vitest'
import {wrapCommand} from '../../../src/cli/wrap-command.ts'

test('a command that fits stays on one line', () => {
  expect(wrapCommand('$ tool run a.ts', 20)).toBe('$ tool run a.ts')
})

test('a long command is broken at spaces, each line ready to be pasted', () => {
  expect(wrapCommand('$ tool run --input one --input two', 20)).toBe(
    '$ tool run --input \\\n    one --input \\\n    two',
  )
})

test('nothing inside quotes is broken', () => {
  expect(wrapCommand(`$ tool --where 'a b c d' "e f g h" i`, 18)).toBe(
    `$ tool --where \\\n    'a b c d' \\\n    "e f g h" i`,
  )
})

test('a word longer than a line stays whole', () => {
  expect(wrapCommand('$ tool abcdefghijklmnop x', 10)).toBe('$ tool \\\n    abcdefghijklmnop \\\n    x')
})
