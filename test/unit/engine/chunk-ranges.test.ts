import {expect, test} from 'vitest'
import {chunkRanges} from '../../../src/engine/index.ts'

const rangesOf = (text: string, ...names: string[]) => chunkRanges(Buffer.from(text), names, async () => undefined)

test('ranges are of fields that every record has as a number, or every record as a text', async () => {
  const lines = [
    '{"n":5,"t":"b","m":1,"x":1}',
    '{"n":-2,"t":"\u{1f600}","m":"1"}',
    '{"n":7.5,"t":"\uffff","m":1,"x":1}',
  ]
  expect(await rangesOf(lines.join('\n'), 'n', 't', 'm', 'x')).toEqual(
    new Map<string, unknown>([
      ['n', {type: 'number', min: -2, max: 7.5}],
      ['t', {type: 'text', min: 'b', max: '\u{1f600}'}],
    ]),
  )
})

test('null, objects, booleans, large integers and long texts leave a field without a range', async () => {
  for (const value of ['null', '{}', 'true', '9007199254740993', `"${'x'.repeat(300)}"`])
    expect(await rangesOf(`{"n":${value}}\n`, 'n'), value).toEqual(new Map())
})

test('one line that is no record leaves a chunk without statistics', async () => {
  for (const line of ['', 'text', '{', '[{}]', '{"n":1}{'])
    expect(await rangesOf(`{"n":1}\n${line}\n{"n":2}\n`, 'n'), line).toBeUndefined()
  expect(
    await chunkRanges(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), ['n'], async () => undefined),
  ).toBeUndefined()
})

test('of a member that stands twice the last one counts, as for rules', async () => {
  expect(await rangesOf('{"n":1,"n":9}', 'n')).toEqual(new Map([['n', {type: 'number', min: 9, max: 9}]]))
})
