import {expect, test} from 'vitest'
import {areText, checkChosenRows} from '../../../src/cli/deliver-rows.ts'
import type {SessionFlags} from '../../../src/cli/session-flags.ts'
import type {Settings} from '../../../src/client/index.ts'
import {defineRule, type RuleOptions} from '../../../src/rules/index.ts'

const ruleWith = (options: Partial<RuleOptions> = {}) =>
  defineRule({name: 'r', keyParts: ['site'], valueParts: ['count'], ...options} as RuleOptions)
const withProcessor = ruleWith({resultProcessor: () => undefined} as Partial<RuleOptions>)
const flags = (more: Partial<SessionFlags> = {}): SessionFlags => ({rows: 0, quiet: false, ...more})
const settings = (more: Partial<Settings> = {}): Settings => more as Settings

test.each<[string, boolean, Partial<SessionFlags>, Partial<Settings>]>([
  ['a pipe gets CSV', true, {}, {}],
  ['a format of the settings is text, too', true, {}, {format: 'ndjson'}],
  ['a flag wins over the settings', true, {format: 'csv'}, {format: 'table'}],
  ['tables are laid out row by row', false, {format: 'table'}, {}],
  ['files are written row by row', false, {out: 'rows'}, {}],
  ['so are files that the settings name', false, {}, {out: 'rows'}],
  ['data of --json are no text', false, {json: true}, {}],
  ['rows that are chosen are looked at', false, {top: '3'}, {}],
])('whether rows leave as they are merged: %s', (_, expected, given, preferred) => {
  expect(areText(ruleWith(), flags(given), settings(preferred))).toBe(expected)
})

test("a rule's own processor gets rows, unless somebody typed a format; what settings prefer is behind it", () => {
  expect(areText(withProcessor, flags(), settings({out: 'rows', format: 'csv'}))).toBe(false)
  expect(areText(withProcessor, flags({format: 'csv'}), settings({out: 'rows'}))).toBe(true)
})

test('a part of the rows is for looking: nothing else gets it', () => {
  const source = (rule = ruleWith()) => ({rule, module: 'm', address: null})
  const refused = expect.objectContaining({code: 'BAD_FLAG', exitCode: 2})
  checkChosenRows(source(), flags({top: '3'}), false)
  checkChosenRows(source(), flags(), true)
  checkChosenRows(source(withProcessor), flags({having: 'count > 1', format: 'table'}), false)
  expect(() => checkChosenRows(source(), flags({top: '3'}), true)).toThrow(refused)
  expect(() => checkChosenRows(source(withProcessor), flags({having: 'count > 1'}), false)).toThrow(refused)
  expect(() => checkChosenRows(source(), flags({having: 'nothing > 1'}), false)).toThrow(refused)
})
