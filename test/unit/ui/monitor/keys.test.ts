import {expect, test} from 'vitest'
import {keyNames, type PressedKey} from '../../../../src/ui/monitor/keys.ts'

const none: PressedKey = {
  upArrow: false,
  downArrow: false,
  pageDown: false,
  pageUp: false,
  home: false,
  end: false,
  return: false,
  escape: false,
  ctrl: false,
  shift: false,
  tab: false,
  backspace: false,
  delete: false,
  meta: false,
}

test.each([
  ['', {upArrow: true}, ['up']],
  ['', {downArrow: true}, ['down']],
  ['', {pageUp: true}, ['page-up']],
  ['', {pageDown: true}, ['page-down']],
  ['', {home: true}, ['home']],
  ['', {end: true}, ['end']],
  ['', {return: true}, ['enter']],
  ['', {tab: true}, ['tab']],
  ['', {tab: true, shift: true}, ['back-tab']],
  ['', {escape: true}, ['escape']],
  ['', {backspace: true}, ['backspace']],
  ['', {delete: true}, ['backspace']],
  ['c', {ctrl: true}, ['ctrl-c']],
  ['l', {ctrl: true}, ['ctrl-l']],
  ['f', {ctrl: true}, ['page-down']],
  ['z', {ctrl: true}, []],
  ['x', {meta: true}, []],
  ['K', {shift: true}, ['char:K']],
  ['日b', {}, ['char:日', 'char:b']],
  ['g\r', {}, ['char:g', 'enter']],
] as const)('%j with %j is %j', (input, pressed, names) => {
  expect(keyNames(input, {...none, ...pressed})).toEqual(names)
})
