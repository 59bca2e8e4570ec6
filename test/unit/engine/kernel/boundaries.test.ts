import {expect, test} from 'vitest'
import {same} from './same.ts'

/** More than the bytes that the kernel looks at in one step. */
const offsets = Array.from({length: 80}, (_, index) => 'x'.repeat(index))

test.each([
  ...['\\n', '\\"', '\\\\', '\\/', '\\u00e9', '\\ud83d\\ude00', 'é', '日', '😀', 'éé日😀\\"\\\\é'],
  // Half a pair is JSON, and not for the kernel.
  ...['\\ud83d', '\\x', '\\u12g4', '\u0001', '"', '\\'],
])('a text is read as the row path reads it, wherever %j stands in it', piece => {
  const lines = offsets.flatMap(before => [
    `{"k":"${before}${piece}","n":1}`,
    `{"k":"a","n":1,"s":"${before}${piece}é"}`,
    `{"k":"b","n":1,"o":{"s":"${before}${piece}","t":["${piece}",{"${piece}":[]}]}}`,
    `{"k":"c","n":1,"l":["${before}","${piece}","",[{"${before}${piece}" : [ ] , "z":-1.5e3}],{} ]}`,
  ])
  const {account, passed} = same({valueParts: ['count', 'n']}, ['{"k":"a","n":1}', ...lines])
  const isJson = account.bad === 0
  expect(isJson ? account.in : account.bad).toBe(lines.length + (isJson ? 1 : 0))
  if (isJson && piece !== '\\ud83d') expect(passed).toBe(0)
})

test('an escape whose letter is beyond the end of the line is no string', () => {
  const lines = offsets.map(before => `{"k":"a","n":1,"l":["${before}\\`)
  expect(same({}, lines).account.bad).toBe(lines.length)
})
