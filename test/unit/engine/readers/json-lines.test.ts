import {describe, expect, test} from 'vitest'
import {collect, outline, records} from './collect.ts'

const json = {format: 'json'} as const

describe('json', () => {
  test('reads one object a line, with or without CR, last line without newline', () => {
    expect(outline(json, '{"a":1}\r\n  {"a":"x"} \n{}\n{"a":{"b":[1,null]}}')).toEqual([
      '1 record {"a":1}',
      '2 record {"a":"x"}',
      '3 record {}',
      '4 record {"a":{"b":[1,null]}}',
    ])
  })

  test('skips lines without a brace: blank ones apart from the others', () => {
    expect(outline(json, '\n \t\r\n# comment\n42\n[1,2]\n"text"\n')).toEqual([
      '1 blank',
      '2 blank',
      '3 no-object',
      '4 no-object',
      '5 no-object',
      '6 no-object',
    ])
  })

  test('an array or text that holds a brace is not an object', () => {
    expect(outline(json, '[{"a":1}]\n"{"\n')).toEqual(['1 not an object', '2 not an object'])
  })

  test('what is not strict JSON is bad, its neighbours are fine', () => {
    const input = [
      '{"a":1}',
      '{"a":1}{"a":2}',
      '{"a":1} x',
      '{"a":1',
      '{"a":1,}',
      '{"a":01}',
      '{a:1}',
      "{'a':1}",
      'x {"a":1}',
      '{"a":2}',
    ].join('\n')
    expect(collect(json, input).calls.map(call => (call.call === 'bad' ? call.reason : call.call))).toEqual([
      'record',
      ...Array.from({length: 8}, () => 'not JSON'),
      'record',
    ])
  })

  test('a bad line comes with its text and a short reason that does not quote it', () => {
    const [call] = collect(json, '{"a":\u0007}\r\n').calls
    expect(call).toEqual({
      call: 'bad',
      line: 1,
      reason: 'not JSON',
      text: '{"a":\u0007}',
      detail: "Unexpected token '\\u0007'",
    })
    expect(outline(json, '{"a":1}{"b":2}')).toEqual([
      '1 not JSON (Unexpected non-whitespace character after JSON at position 7)',
    ])
    expect(outline(json, '{"a":1')).toEqual(["1 not JSON (Expected ',' or '}' after property value at position 6)"])
  })

  test('the last of two members with one name wins; escapes and characters are the same text', () => {
    expect(records(json, '{"a":1,"a":2,"b":"\\u00fc","c":"ü"}')).toEqual([{a: 2, b: 'ü', c: 'ü'}])
  })

  test('a byte order mark is dropped at the start of the input only', () => {
    expect(outline(json, '\ufeff{"a":1}\n\ufeff{"a":2}\n')).toEqual([
      '1 record {"a":1}',
      expect.stringMatching(/^2 not JSON/),
    ])
    expect(outline(json, '\ufeff{"a":1}\n', {isFirst: false})).toEqual([expect.stringMatching(/^1 not JSON/)])
    expect(outline(json, '\ufeff{"a":1}\n', {cuts: [1, 2]})).toEqual(['1 record {"a":1}'])
    expect(outline(json, '\ufeff')).toEqual([])
  })

  test('a line that is not UTF-8 is bad alone', () => {
    const input = Buffer.concat([
      Buffer.from('{"a":"ü"}\n{"a":"'),
      Buffer.from([0xff, 0xc3]),
      Buffer.from('"}\n{"a":"漢"}\n'),
    ])
    expect(outline(json, input)).toEqual(['1 record {"a":"ü"}', '2 not UTF-8', '3 record {"a":"漢"}'])
    expect(outline(json, Buffer.from([0x7b, 0xff]))).toEqual(['1 not UTF-8'])
  })

  test('a member __proto__ is a field like any other', () => {
    const [record] = records(json, '{"__proto__":{"x":1},"id":12345678901234567890}')
    expect(Object.keys(record!)).toEqual(['__proto__', 'id'])
    expect(Object.getPrototypeOf(record)).toBe(Object.prototype)
    expect(Object.getPrototypeOf(records(json, '{"__proto__":12345678901234567890}')[0])).toBe(Object.prototype)
  })

  test('deep nesting is read or bad, never fatal', () => {
    const deep = '['.repeat(100_000)
    expect(outline(json, `{"a":${deep}\n{"b":1}\n`)).toEqual([
      '1 not JSON (Unexpected end of JSON input)',
      '2 record {"b":1}',
    ])
    const closed = `{"id":12345678901234567890,"a":${deep}${']'.repeat(100_000)}}`
    expect(outline(json, `${closed}\n{"b":1}\n`)).toEqual(['1 not JSON (nested too deep)', '2 record {"b":1}'])
  })

  test('lines count in the part, and all of them', () => {
    expect(collect(json, '{}\n\nx\n{}').lines).toBe(4)
    expect(collect(json, '{}\n').lines).toBe(1)
    expect(collect(json, '').lines).toBe(0)
  })
})

describe('integers beyond 2^53 (D11)', () => {
  const one = (text: string): unknown => records(json, text)[0]

  test('keep all their digits, wherever they are', () => {
    expect(one('{"id":1234567890123456789,"n":[-9007199254740993, {"m": 9007199254740993}]}')).toEqual({
      id: 1234567890123456789n,
      n: [-9007199254740993n, {m: 9007199254740993n}],
    })
  })

  test('up to 2^53 - 1 they are numbers', () => {
    expect(one('{"a":9007199254740991,"b":-9007199254740991,"c":9007199254740992}')).toEqual({
      a: 9007199254740991,
      b: -9007199254740991,
      c: 9007199254740992n,
    })
  })

  test('two that round to the same double stay apart', () => {
    expect(one('{"a":12345678901234567890,"b":12345678901234567891}')).toEqual({
      a: 12345678901234567890n,
      b: 12345678901234567891n,
    })
  })

  test('decimals and exponents stay doubles, beside integers too', () => {
    expect(one('{"a":1e20,"b":100000000000000000001,"c":1e400,"d":-0,"e":0.12345678901234567890}')).toEqual({
      a: 1e20,
      b: 100000000000000000001n,
      c: Number.POSITIVE_INFINITY,
      d: -0,
      e: 0.12345678901234568,
    })
    expect(one('{"a":12345678901234567890.0,"b":12345678901234567890}')).toEqual({
      a: 12345678901234567000,
      b: 12345678901234567890n,
    })
    expect(one('{"a":1.5,"b":12345678901234567890,"c":-0.25}')).toEqual({a: 1.5, b: 12345678901234567890n, c: -0.25})
  })

  test('digits in texts are left alone', () => {
    const text =
      '{"a":"12345678901234567890","b":"x: 12345678901234567890, y","c":"\\" 12345678901234567890","d":"\\\\"}'
    expect(one(text)).toEqual({
      a: '12345678901234567890',
      b: 'x: 12345678901234567890, y',
      c: '" 12345678901234567890',
      d: '\\',
    })
    expect(one('{"a":"x 12345678901234567891","b":12345678901234567890}')).toEqual({
      a: 'x 12345678901234567891',
      b: 12345678901234567890n,
    })
  })

  test('the last of two members with one name wins, exactly', () => {
    expect(one('{"a":12345678901234567890,"a":12345678901234567891}')).toEqual({a: 12345678901234567891n})
    expect(one('{"a":12345678901234567890,"a":3}')).toEqual({a: 3})
  })

  test('are found on every line of a block, at every place', () => {
    for (let spaces = 0; spaces < 40; spaces++) {
      const input = `{"x":1}\n{${' '.repeat(spaces)}"a":${' '.repeat(spaces % 3)}1234567890123456789}\n{"x":1234567890123}\n{"a":-9007199254740993}`
      expect(records(json, input)).toEqual([
        {x: 1},
        {a: 1234567890123456789n},
        {x: 1234567890123},
        {a: -9007199254740993n},
      ])
    }
  })
})

describe('long lines', () => {
  test('a line over the limit is one bad record, its rest is skipped', () => {
    const input = `{"a":1}\n{"a":"${'x'.repeat(100)}"}\n{"a":2}\n`
    const expected = ['1 record {"a":1}', '2 line too long (more than 50 bytes)', '3 record {"a":2}']
    expect(outline(json, input, {recordBytesMax: 50})).toEqual(expected)
    expect(outline(json, input, {recordBytesMax: 50, cuts: [20, 40, 60, 80, 118]})).toEqual(expected)
    expect(collect(json, input, {recordBytesMax: 50}).lines).toBe(3)
  })

  test('a line of exactly the limit is read', () => {
    const line = `{"a":"${'x'.repeat(42)}"}`
    expect(line.length).toBe(50)
    expect(records(json, `${line}\n${line}\n${line}`, {recordBytesMax: 50})).toHaveLength(3)
    expect(outline(json, `${line} \n${line} `, {recordBytesMax: 50})).toEqual([
      '1 line too long (more than 50 bytes)',
      '2 line too long (more than 50 bytes)',
    ])
  })

  test('a long line is read in small chunks in linear time', () => {
    const text = 'x'.repeat(4_000_000)
    // Copying the whole line for every chunk would move 80 GB and run into the test's time limit.
    const cuts = Array.from({length: 40_000}, (_, index) => index * 100)
    expect(records(json, `{"a":"${text}"}\n`, {cuts})).toEqual([{a: text}])
  })
})
