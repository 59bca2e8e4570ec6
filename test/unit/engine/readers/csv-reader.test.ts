import {describe, expect, test} from 'vitest'
import {makeReader, namesOfFirstRecord} from '../../../../src/engine/readers/index.ts'
import {cellCharsMax, openCellBytesMax} from '../../../../src/engine/readers/limits.ts'
import type {FormatNode} from '../../../../src/rules/index.ts'
import {collect, outline, records} from './collect.ts'

type CsvFormat = Extract<FormatNode, {format: 'csv' | 'dynamic'}>
const csv: CsvFormat = {format: 'csv', fields: ['a', 'b'], delimiter: ','}
const positional: CsvFormat = {...csv, fields: null}
const header: CsvFormat = {...csv, fields: 'header'}

describe('cells', () => {
  test('are text, split at the delimiter', () => {
    expect(records(csv, '1,x\n 2 , y\n,\n')).toEqual([
      {a: '1', b: 'x'},
      {a: ' 2 ', b: ' y'},
      {a: '', b: ''},
    ])
    expect(records({...csv, delimiter: '\t'}, 'a,b\tc\n')).toEqual([{a: 'a,b', b: 'c'}])
    expect(records({...csv, delimiter: ';'}, '"a;b";c')).toEqual([{a: 'a;b', b: 'c'}])
  })

  test('quotes hold delimiters, newlines and doubled quotes', () => {
    expect(outline(csv, '"a,b","say ""hi"""\n"x\ny",z\r\n"",\n')).toEqual([
      '1 record {"a":"a,b","b":"say \\"hi\\""}',
      '2 record {"a":"x\\ny","b":"z"}',
      '4 record {"a":"","b":""}',
    ])
    expect(collect(csv, '"x\n\ny",z\n1,2').lines).toBe(4)
  })

  test('a quote inside a cell is an ordinary character, text after a closing quote is appended', () => {
    expect(records(csv, 'a"b"c, "d"\n"abc"def,"g"h"i"\n')).toEqual([
      {a: 'a"b"c', b: ' "d"'},
      {a: 'abcdef', b: 'gh"i"'},
    ])
  })

  test('quoted CRs and CRLFs are data', () => {
    expect(records(csv, '"x\r\ny","\r"\r\n')).toEqual([{a: 'x\r\ny', b: '\r'}])
  })

  test('an unclosed quote runs to the end of the input', () => {
    expect(outline(csv, '1,2\n3,"x,y\nz\n')).toEqual([
      '1 record {"a":"1","b":"2"}',
      '2 record {"a":"3","b":"x,y\\nz\\n"}',
    ])
    expect(collect(csv, '1,2\n3,"x,y\nz\n').lines).toBe(3)
    expect(collect(csv, '1,2\n3,"x,y\nz').lines).toBe(3)
  })
})

describe('rows', () => {
  test('an empty line is no record, a line of blanks is one cell', () => {
    expect(outline(csv, '\n\r\n  \n"x"')).toEqual([
      '1 blank',
      '2 blank',
      '3 record {"a":"  ","b":null}',
      '4 record {"a":"x","b":null}',
    ])
  })

  test('short rows have null, long rows are cut', () => {
    expect(records(csv, '1\n1,2,3\n')).toEqual([
      {a: '1', b: null},
      {a: '1', b: '2'},
    ])
  })

  test('without names they are numbered as the first record has cells', () => {
    expect(records(positional, '\n1,2\n3\n4,5,6\n')).toEqual([
      {0: '1', 1: '2'},
      {0: '3', 1: null},
      {0: '4', 1: '5'},
    ])
  })

  test('a header is data unless asked for', () => {
    expect(records(csv, 'a,b\n1,2')).toHaveLength(2)
    expect(outline(header, '"na\nme",age\nx,1')).toEqual(['3 record {"na\\nme":"x","age":"1"}'])
  })

  test('a header may repeat a name or be called __proto__', () => {
    expect(records(header, 'x,y,x\n1,2,3\n1,2\n')).toEqual([
      {x: '3', y: '2'},
      {x: null, y: '2'},
    ])
    const [record] = records(header, '__proto__,constructor\n1,2')
    expect(Object.entries(record!)).toEqual([
      ['__proto__', '1'],
      ['constructor', '2'],
    ])
    expect(Object.getPrototypeOf(record)).toBe(Object.prototype)
  })

  test('a byte order mark is dropped, before a quote too', () => {
    const input = '\ufeff"a,b",c\n1,2'
    for (const cuts of [[], [1], [2], [3], [4], [1, 2, 3]])
      expect(records(csv, input, {cuts})).toEqual([
        {a: 'a,b', b: 'c'},
        {a: '1', b: '2'},
      ])
    expect(outline(csv, '\ufeff\n1,2')).toEqual(['1 blank', '2 record {"a":"1","b":"2"}'])
    expect(records(csv, '\ufeff1,2', {isFirst: false})).toEqual([{a: '\ufeff1', b: '2'}])
    expect(records(csv, '"a\n\ufeff","c"\n')).toEqual([{a: 'a\n\ufeff', b: 'c'}])
  })

  test('parts that are not first take the names of the first', () => {
    expect(records(positional, '1,2,3\n', {isFirst: false, names: ['0', '1']})).toEqual([{0: '1', 1: '2'}])
    expect(records(header, '1,2\n', {isFirst: false, names: ['x', 'y']})).toEqual([{x: '1', y: '2'}])
  })
})

describe('bad records', () => {
  test('NUL, and CR in an unquoted cell, are bad; reading goes on at the next line', () => {
    expect(outline(csv, '1,2\n3,\0\n4\r5,6\n"7"\r8,9\n"\0",1\n\r\r\n10,11\r\r\n12,13\r')).toEqual([
      '1 record {"a":"1","b":"2"}',
      '2 not CSV (a NUL byte)',
      '3 not CSV (a carriage return inside a line)',
      '4 not CSV (a carriage return inside a line)',
      '5 not CSV (a NUL byte)',
      '6 blank',
      '7 record {"a":"10","b":"11"}',
      '8 record {"a":"12","b":"13"}',
    ])
  })

  test('a record of several lines with such a byte is bad as a whole', () => {
    expect(outline(csv, '"a\nb"\0,"c\nd"\n1,2\n')).toEqual(['1 not CSV (a NUL byte)', '4 record {"a":"1","b":"2"}'])
  })

  test('a cell over 131072 characters is bad', () => {
    const most = 'é'.repeat(cellCharsMax)
    expect(records(csv, `${most},"${most}"\n`)).toEqual([{a: most, b: most}])
    const tooLong = `cell too long (more than ${cellCharsMax} characters)`
    expect(outline(csv, `1,${most}x\n"${most}\n",1\n3,4\n`)).toEqual([
      `1 ${tooLong}`,
      `2 ${tooLong}`,
      '4 record {"a":"3","b":"4"}',
    ])
  })

  test('a line that is not UTF-8 is bad alone, in quotes the whole record', () => {
    const invalid = Buffer.from([0xff])
    const input = Buffer.concat([
      Buffer.from('ü,1\n'),
      invalid,
      Buffer.from(',2\n"x\n'),
      invalid,
      Buffer.from('",3\n漢,4'),
    ])
    expect(outline(csv, input)).toEqual([
      '1 record {"a":"ü","b":"1"}',
      '2 not UTF-8',
      '3 not UTF-8',
      '5 record {"a":"漢","b":"4"}',
    ])
  })

  test('bad records do not give names', () => {
    expect(outline(header, 'x\0\na,b\n1,2')).toEqual(['1 not CSV (a NUL byte)', '3 record {"a":"1","b":"2"}'])
  })
})

describe('a stray quote', () => {
  const lines = (count: number): string => Array.from({length: count}, (_, index) => `${index},x`).join('\n')

  test('costs one line: the lines after it are read', () => {
    const count = Math.ceil(openCellBytesMax / 6)
    const {calls, lines: lineCount} = collect(csv, `1,2\n3,"stray\n${lines(count)}\n4,"a\nb"\n`)
    expect(calls[1]).toMatchObject({
      call: 'bad',
      line: 2,
      reason: 'not CSV',
      text: '3,"stray',
      detail: `a quote is not closed within ${openCellBytesMax} bytes`,
    })
    expect(calls.filter(call => call.call === 'record')).toHaveLength(1 + count + 1)
    expect(calls.at(-1)).toEqual({call: 'record', line: count + 3, parts: {a: '4', b: 'a\nb'}})
    expect(lineCount).toBe(count + 4)
  })

  test('in a record over the limit costs one line, too', () => {
    // Every line closes the quote of the one before and opens another.
    const input = `"1","\n${'x","\n'.repeat(20)}`
    const limit = {recordBytesMax: 40}
    const calls = outline(csv, input, limit)
    expect(calls.slice(0, 3)).toEqual([
      '1 not CSV (more than 40 bytes)',
      '2 not CSV (a quote is not closed)',
      '3 not CSV (a quote is not closed)',
    ])
    expect(collect(csv, input, limit).lines).toBe(21)
  })

  test('without any newline for too long is a line to skip', () => {
    expect(outline(csv, `1,"${'x'.repeat(100)}\n3,4`, {recordBytesMax: 50})).toEqual([
      '1 line too long (more than 50 bytes)',
      '2 record {"a":"3","b":"4"}',
    ])
    const detail = `a quote is not closed within ${openCellBytesMax} bytes`
    expect(outline(csv, `1,"${'x'.repeat(openCellBytesMax + 1)}",1\n3,4`)).toEqual([
      `1 cell too long (${detail})`,
      '2 record {"a":"3","b":"4"}',
    ])
  })

  test('a line over the limit without quotes is skipped', () => {
    const input = `1,2\n${'x'.repeat(60)},"\n3,4\n`
    expect(outline(csv, input, {recordBytesMax: 50})).toEqual([
      '1 record {"a":"1","b":"2"}',
      '2 line too long (more than 50 bytes)',
      '3 record {"a":"3","b":"4"}',
    ])
  })

  test('on every line takes linear time', () => {
    // Reading on from every line to the limit would look at 45 GB and run into the test's time limit.
    expect(collect(csv, 'x","\n'.repeat(300_000), {recordBytesMax: 300_000}).lines).toBe(300_000)
  })
})

describe('namesOfFirstRecord', () => {
  test('gives header or numbers of the first record that is fine', () => {
    expect(namesOfFirstRecord(Buffer.from('\ufeff"x,y",z\n1,2\n'), header)).toEqual(['x,y', 'z'])
    expect(namesOfFirstRecord(Buffer.from('\n\0\n1,2,3'), positional)).toEqual(['0', '1', '2'])
    expect(namesOfFirstRecord(Buffer.from('1,2,3'), csv)).toEqual(['a', 'b'])
    const wide = Array.from({length: 3000}, (_, index) => `name${index}`)
    expect(namesOfFirstRecord(Buffer.from(wide.join(',')), header)).toEqual(wide)
  })

  test('gives null when there is no such record', () => {
    expect(namesOfFirstRecord(Buffer.from('\n\n'), header)).toBeNull()
    expect(namesOfFirstRecord(Buffer.from('{"a":1}\n'), {...positional, format: 'dynamic'})).toBeNull()
    expect(namesOfFirstRecord(Buffer.from('{"a":1}\nx,y\n'), {...header, format: 'dynamic'})).toEqual(['x', 'y'])
  })
})

test('a custom format has no reader here', () => {
  const sink = {record: () => undefined, bad: () => undefined, skipped: () => undefined}
  const format = {format: 'custom', ref: {step: 'function', hook: 'mapInputStream', name: ''}} as const
  expect(() => makeReader(format, sink, {isFirst: true})).toThrow('its own reader')
})
