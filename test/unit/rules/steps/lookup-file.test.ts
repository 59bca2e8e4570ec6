import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {pathToFileURL} from 'node:url'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {parseCsvTable} from '../../../../src/rules/steps/csv-table.ts'
import {lookupFile} from '../../../../src/rules/steps/index.ts'

describe('parseCsvTable', () => {
  test.each([
    ['a,b\n1,2\n', [{a: '1', b: '2'}]],
    [
      'a,b\r\n1,2\r\n\r\n3,4',
      [
        {a: '1', b: '2'},
        {a: '3', b: '4'},
      ],
    ],
    ['\ufeffa\n1', [{a: '1'}]],
    ['a,b\n"x, ""y""\nz",2', [{a: 'x, "y"\nz', b: '2'}]],
    ['a,b\n1', [{a: '1'}]],
    ['a\n1,2', [{a: '1'}]],
    ['a,b\n1,', [{a: '1', b: ''}]],
    ['a,b\n,\n', [{a: '', b: ''}]],
    ['a\n""\n', [{a: ''}]],
    ['a\nx"y"\n"p"q\n', [{a: 'x"y"'}, {a: 'pq'}]],
    ['a\n"open', [{a: 'open'}]],
    ['a,b\n', []],
    ['', []],
  ])('reads %j', (text, rows) => expect(parseCsvTable(text, ',')).toEqual(rows))

  test('a column called __proto__ is a column', () => {
    expect(Object.keys(parseCsvTable('__proto__,a\n1,2', ',')[0]!)).toEqual(['__proto__', 'a'])
  })
})

describe('lookupFile', () => {
  let folder = ''
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'lookup-'))
    writeFileSync(join(folder, 'countries.csv'), 'code,name\nDE,Germany\n')
    writeFileSync(join(folder, 'countries.tsv'), 'code\tname\nDE\tGermany\n')
    writeFileSync(join(folder, 'rows.json'), '[{"id": 9007199254740993, "name": "big"}]')
    writeFileSync(join(folder, 'map.json'), '{"DE": {"name": "Germany"}}')
    writeFileSync(join(folder, 'broken.json'), '{')
    writeFileSync(join(folder, 'latin.csv'), Buffer.from([0x61, 0x0a, 0xe9]))
  })
  afterAll(() => rmSync(folder, {recursive: true}))

  test('reads CSV, TSV and JSON beside the rule', () => {
    const base = pathToFileURL(join(folder, 'rule.ts')).href
    for (const file of ['countries.csv', 'countries.tsv']) {
      expect(lookupFile('cc', {file, base, key: 'code'})({cc: 'DE'}, {})).toEqual({cc: 'DE', name: 'Germany'})
    }
    expect(lookupFile('cc', {file: 'map.json', base: folder})({cc: 'DE'}, {})).toEqual({cc: 'DE', name: 'Germany'})
  })

  test('keys of 19 digits keep them', () => {
    const step = lookupFile('id', {file: join(folder, 'rows.json'), key: 'id'})
    expect(step({id: 9007199254740993n}, {})).toEqual({id: 9007199254740993n, name: 'big'})
    expect(step({id: 9007199254740992n}, {})).toEqual({id: 9007199254740992n})
  })

  test('says what is wrong with a file', () => {
    const read = (file: string, more = {}) =>
      expect(() => lookupFile('cc', {file: join(folder, file), key: 'code', ...more}))
    read('none.csv').toThrow(
      expect.objectContaining({code: 'INPUT_NOT_FOUND', message: expect.stringContaining('none.csv')}),
    )
    read('broken.json').toThrow(expect.objectContaining({code: 'INPUT_UNREADABLE'}))
    read('latin.csv').toThrow(expect.objectContaining({code: 'INPUT_UNREADABLE'}))
    read('x.xlsx').toThrow('none of .csv, .tsv and .json')
    read('countries.csv', {delimiter: ';;'}).toThrow('expected one character')
    read('countries.csv', {fiel: 1}).toThrow('Did you mean "file"?')
  })
})
