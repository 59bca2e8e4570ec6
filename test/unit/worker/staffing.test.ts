import {expect, test} from 'vitest'
import {compilePlan, defineRule, type RuleOptions} from '../../../src/rules/index.ts'
import type {InputFile} from '../../../src/worker/input-files.ts'
import {oneKernelBytesMax, oneScannerBytesMax} from '../../../src/worker/limits.ts'
import {type StaffedRequest, type Staffing, staff} from '../../../src/worker/staffing.ts'

const mebibyte = 2 ** 20
const file = (bytes: number, more: Partial<InputFile> = {}): InputFile => ({
  name: 'a',
  path: '/a',
  bytes,
  compression: 'none',
  ...more,
})
const standardInput = file(0, {path: undefined, bytes: undefined, compression: undefined})

function staffed(files: readonly InputFile[], given: Partial<StaffedRequest> = {}, options: Partial<RuleOptions> = {}) {
  const rule = defineRule({name: 'r', keyParts: ['k'], valueParts: ['count'], ...options} as RuleOptions)
  const {plan} = compilePlan(rule)
  const request = {plan, rule, address: null, params: {}, files, threads: 4, sample: undefined, engine: 'auto'} as const
  return staff({...request, ...given})
}

const one: Staffing = {count: 1, isInline: true, isOneHere: false}
const address = {file: '/rule.ts', path: [0]}
const code: Partial<RuleOptions> = {partsPreprocess: [parts => parts]} as Partial<RuleOptions>

test('little to read is read by one scanner, here', () => {
  expect(staffed([file(1000)])).toEqual(one)
  expect(staffed([file(oneKernelBytesMax / 2), file(oneKernelBytesMax / 2)])).toEqual(one)
})

test('of much each scanner gets a part, one of them here: it reads while the threads start', () => {
  expect(staffed([file(oneKernelBytesMax + 1)])).toEqual({count: 4, isInline: false, isOneHere: true})
  expect(staffed([file(100 * mebibyte)], {threads: 2})).toEqual({count: 2, isInline: false, isOneHere: true})
})

test('threads start for less where records are read one by one, and none of it is done here', () => {
  const bytes = oneScannerBytesMax + 1
  expect(staffed([file(bytes)]).count).toBe(1)
  expect(staffed([file(bytes)], {engine: 'row'})).toEqual({count: 3, isInline: false, isOneHere: false})
})

test('a compressed byte counts as several, and a pipe as very many', () => {
  expect(staffed([file(4 * mebibyte, {compression: 'gzip'})]).count).toBe(4)
  expect(staffed([standardInput])).toEqual({count: 4, isInline: false, isOneHere: false})
})

test('samples and unsorted rows are in the order of the input, which one scanner keeps', () => {
  expect(staffed([file(100 * mebibyte)], {sample: 10})).toEqual(one)
  expect(staffed([file(100 * mebibyte)], {}, {sort: false})).toEqual(one)
})

test('functions of a rule run in threads, unless they are in this one only', () => {
  expect(staffed([file(1000)], {address}, code)).toEqual({count: 1, isInline: false, isOneHere: false})
  expect(staffed([file(100 * mebibyte)], {address}, code)).toEqual({count: 4, isInline: false, isOneHere: false})
  expect(staffed([file(100 * mebibyte)], {}, code)).toEqual(one)
})

test("a rule's own reader reads standard input here, and files as many at a time as there are", () => {
  const reader = {mapInputStream: () => undefined} as unknown as Partial<RuleOptions>
  expect(staffed([standardInput], {address}, reader)).toEqual(one)
  expect(staffed([file(1), file(1)], {address}, reader)).toEqual({count: 2, isInline: false, isOneHere: false})
})
