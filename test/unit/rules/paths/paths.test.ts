import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {compileCopyWith, compilePath, parsePath, setAtPath} from '../../../../src/rules/paths.ts'

const read = (path: string, parts: Record<string, unknown>): unknown => compilePath(path)(parts)

describe('parsePath', () => {
  test.each([
    ['price', ['price']],
    ['user.geo.country', ['user', 'geo', 'country']],
    ['items[0].id', ['items', '0', 'id']],
    ['items.0.id', ['items', '0', 'id']],
    ['m[0][1]', ['m', '0', '1']],
    ['a["b.c"].d', ['a', 'b.c', 'd']],
  ])('%s has its segments', (path, segments) => expect(parsePath(path)).toEqual(segments))

  test.each(['', '.', 'a.', '.a', 'a..b', 'a[', 'a[x]', 'a]', 'a[0]b', '[0]'])('%j is one name', path =>
    expect(parsePath(path)).toEqual([path]),
  )
})

describe('reading', () => {
  test('a field that has the very name wins over the nested one', () => {
    expect(read('user.geo', {'user.geo': 1, user: {geo: 2}})).toBe(1)
    expect(read('user.geo', {user: {geo: 2}})).toBe(2)
    expect(read('user.geo', {'user.geo': null, user: {geo: 2}})).toBeNull()
  })

  test('objects and arrays are entered, whatever the spelling', () => {
    const parts = {items: [{id: 'a'}, {id: 'b'}], map: {'0': 'zero'}}
    expect(read('items[1].id', parts)).toBe('b')
    expect(read('items.1.id', parts)).toBe('b')
    expect(read('map[0]', parts)).toBe('zero')
  })

  test('what is not there is undefined, null is null', () => {
    const parts = {a: null, text: 'abc', list: [1], flat: 1}
    for (const path of [
      'b',
      'a.b',
      'text.length',
      'text[0]',
      'list.length',
      'list[1]',
      'list.-1',
      'list[00]',
      'flat.x.y',
    ]) {
      expect(read(path, parts), path).toBeUndefined()
    }
    expect(read('a', parts)).toBeNull()
  })

  test.each([
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    'a.__proto__',
    'a.constructor.name',
    'list.map',
  ])('%s is absent unless the data has it', path => expect(read(path, {a: {}, list: []})).toBeUndefined())

  test('a field called __proto__ is a field', () => {
    const parts = JSON.parse('{"__proto__": {"x": 1}, "a": {"__proto__": 2}, "constructor": 3}')
    expect(read('__proto__.x', parts)).toBe(1)
    expect(read('a.__proto__', parts)).toBe(2)
    expect(read('constructor', parts)).toBe(3)
  })
})

describe('writing', () => {
  test('an existing place is changed, nested or by its very name', () => {
    const parts = {user: {geo: {country: 'de'}}, 'a.b': 1, list: [{id: 1}]}
    setAtPath(parts, 'user.geo.country', 'DE')
    setAtPath(parts, 'a.b', 2)
    setAtPath(parts, 'list[0].id', 7)
    expect(parts).toEqual({user: {geo: {country: 'DE'}}, 'a.b': 2, list: [{id: 7}]})
  })

  test('without a place around it the field gets the very name', () => {
    const parts = {list: [1], flat: 1}
    setAtPath(parts, 'x.y', 1)
    setAtPath(parts, 'list[5]', 2)
    setAtPath(parts, 'flat.z', 3)
    expect(parts).toEqual({list: [1], flat: 1, 'x.y': 1, 'list[5]': 2, 'flat.z': 3})
  })

  test('__proto__ becomes an own field and changes no prototype', () => {
    const parts: Record<string, unknown> = {a: {}}
    setAtPath(parts, '__proto__', {polluted: 1})
    setAtPath(parts, 'a.__proto__', 5)
    expect(Object.getPrototypeOf(parts)).toBe(Object.prototype)
    expect(Object.hasOwn(parts, '__proto__')).toBe(true)
    expect(read('a.__proto__', parts)).toBe(5)
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  })

  test('a copy leaves the record and everything along the path as it was', () => {
    const parts = {user: {tags: ['a', 'b'], name: 'x'}, other: {}}
    const copy = compileCopyWith('user.tags[1]')(parts, 'c')
    expect(copy).toEqual({user: {tags: ['a', 'c'], name: 'x'}, other: {}})
    expect(parts).toEqual({user: {tags: ['a', 'b'], name: 'x'}, other: {}})
    expect(copy.other).toBe(parts.other)
  })

  test('what is written is what is read, in place and in a copy', () => {
    const name = fc.constantFrom('a', 'b', '0', '1', '__proto__', 'toString', 'a.b')
    const path = fc.oneof(
      fc.array(name, {minLength: 1, maxLength: 4}).map(names => names.join('.')),
      fc.string({maxLength: 5}),
    )
    const record = fc.dictionary(name, fc.jsonValue({maxDepth: 3}))
    fc.assert(
      fc.property(record, path, (given, where) => {
        const before = JSON.stringify(given)
        const copy = compileCopyWith(where)(given, 42)
        expect(compilePath(where)(copy)).toBe(42)
        expect(JSON.stringify(given)).toBe(before)
        setAtPath(given, where, 42)
        expect(compilePath(where)(given)).toBe(42)
      }),
    )
  })
})
