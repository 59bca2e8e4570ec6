import {describe, expect, test} from 'vitest'
import {collect, outline, records} from './collect.ts'

describe('dynamic', () => {
  const dynamic = {format: 'dynamic', fields: ['x', 'y'], delimiter: ','} as const

  test('reads each line as what it looks like (D14)', () => {
    expect(outline(dynamic, '{"a":1}\n1,"b,""c"""\n  {"a":12345678901234567890}\r\nz,{"a":1}\r\n\n{"a":\n \n')).toEqual(
      [
        '1 record {"a":1}',
        '2 record {"x":"1","y":"b,\\"c\\""}',
        '3 record {"a":"12345678901234567890n"}',
        '4 record {"x":"z","y":"{\\"a\\":1}"}',
        '5 blank',
        '6 not JSON (Unexpected end of JSON input)',
        '7 record {"x":" ","y":null}',
      ],
    )
  })

  test('cells cannot hold newlines', () => {
    expect(outline(dynamic, '1,"a\n{"a":2}\n3,b\n')).toEqual([
      '1 not CSV (a quote is not closed)',
      '2 record {"a":2}',
      '3 record {"x":"3","y":"b"}',
    ])
  })

  test('the first CSV line gives the names', () => {
    expect(records({...dynamic, fields: 'header'}, '{"a":1}\nk,v\n1,2\n')).toEqual([{a: 1}, {k: '1', v: '2'}])
    expect(records({...dynamic, fields: null}, '{"a":1}\nk,v\n1\n')).toEqual([
      {a: 1},
      {0: 'k', 1: 'v'},
      {0: '1', 1: null},
    ])
    expect(records({...dynamic, fields: 'header'}, '1,2\n', {isFirst: false, names: ['k', 'v']})).toEqual([
      {k: '1', v: '2'},
    ])
  })
})

describe('logfmt', () => {
  const logfmt = {format: 'logfmt'} as const
  const one = (text: string): unknown => records(logfmt, text)[0]

  test('reads pairs, quoted values and bare keys', () => {
    expect(one('at=info ms=12  path=/x?y=z msg="hello \\"you\\" a=b"\tslow empty= quoted=""')).toEqual({
      at: 'info',
      ms: '12',
      path: '/x?y=z',
      msg: 'hello "you" a=b',
      slow: true,
      empty: '',
      quoted: '',
    })
  })

  test('undoes the escapes of JSON texts, leaves others', () => {
    expect(one('m="a\\n\\t\\\\\\u00e9\\/" w="C:\\dir\\u12"')).toEqual({m: 'a\n\t\\é/', w: 'C:\\dir\\u12'})
  })

  test('the last of two pairs with one key wins, __proto__ is a key', () => {
    expect(one('a=1 a=2')).toEqual({a: '2'})
    expect(Object.entries(one('__proto__=x') as object)).toEqual([['__proto__', 'x']])
  })

  test('other lines are bad', () => {
    expect(outline(logfmt, 'just words\n=x\na="b\na="b"c\n"a b" c=d\nk"=1\n\n \t\na=1\r\n')).toEqual([
      '1 not logfmt (no key=value pair)',
      '2 not logfmt (a value without key)',
      '3 not logfmt (a quote is not closed)',
      '4 not logfmt (text after a closing quote)',
      '5 not logfmt (a quote outside a value)',
      '6 not logfmt (a quote outside a value)',
      '7 blank',
      '8 blank',
      '9 record {"a":"1"}',
    ])
  })
})

describe('access logs', () => {
  const common = {format: 'common-log'} as const
  const combined = {format: 'combined-log'} as const
  const line = '10.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /a b?c HTTP/1.0" 200 2326'
  const read = {
    host: '10.0.0.1',
    ident: null,
    user: 'frank',
    time: '10/Oct/2000:13:55:36 -0700',
    method: 'GET',
    path: '/a b?c',
    protocol: 'HTTP/1.0',
    request: null,
    status: 200,
    bytes: 2326,
    extra: null,
  }

  test('the common format', () => {
    expect(records(common, `${line}\r\n`)).toEqual([read])
  })

  test('the combined format', () => {
    expect(records(combined, `${line} "http://x/" "Mozilla/5.0 (a; \\"b\\")"\n${line} "-" "-"\n`)).toEqual([
      {...read, referer: 'http://x/', agent: 'Mozilla/5.0 (a; "b")'},
      {...read, referer: null, agent: null},
    ])
  })

  test('what follows is kept as extra', () => {
    expect(records(common, `${line} "http://x/" "Mozilla"`)).toEqual([{...read, extra: '"http://x/" "Mozilla"'}])
    expect(records(combined, `${line} "-" "m" "10.1.1.1" 0.003 -`)).toEqual([
      {...read, referer: null, agent: 'm', extra: '"10.1.1.1" 0.003 -'},
    ])
  })

  test('dashes are null, a user may hold blanks', () => {
    expect(records(common, '::1 - a b [t] "-" - -')).toEqual([
      {
        ...read,
        host: '::1',
        user: 'a b',
        time: 't',
        method: null,
        path: null,
        protocol: null,
        status: null,
        bytes: null,
      },
    ])
  })

  test('a malformed request line is kept whole', () => {
    const request = (text: string): unknown => records(common, `h - - [t] "${text}" 400 0`)[0]
    const none = {method: null, path: null, protocol: null}
    expect(request('\\x16\\x03\\x01')).toMatchObject({...none, request: '\x16\x03\x01'})
    expect(request('GET /')).toMatchObject({...none, request: 'GET /'})
    expect(request('')).toMatchObject({...none, request: ''})
    expect(request('GET /\\xc3\\xa9\\xff HTTP/1.1')).toMatchObject({path: '/\\xc3\\xa9\\xff'})
    expect(request('GET /\\xc3\\xa9\\"\\\\\\n HTTP/2')).toMatchObject({...none, request: 'GET /é"\\\n HTTP/2'})
    expect(request('GET /\\xc3\\xa9\\" HTTP/2')).toMatchObject({
      method: 'GET',
      path: '/é"',
      protocol: 'HTTP/2',
      request: null,
    })
  })

  test('other lines are bad', () => {
    expect(
      outline(
        combined,
        `nonsense\nh - - [t] "GET\nh - - [t] "GET / HTTP/1.0" 2x0 1\n${line}\n${line} "-"\n${line} "-" "m\n\n`,
      ),
    ).toEqual([
      '1 not an access log line (does not begin with: host ident user [time] ")',
      '2 not an access log line (the quote of the request is not closed)',
      '3 not an access log line (no status and bytes after the request)',
      '4 not an access log line (no "referer" after the bytes)',
      '5 not an access log line (no "agent" after the referer)',
      '6 not an access log line (no "agent" after the referer)',
      '7 blank',
    ])
  })
})

describe('regex', () => {
  test('named groups are the fields, null when they took no part', () => {
    const format = {format: 'regex', pattern: '(?P<level>[A-Z]+) (?:id=(?P<id>\\d+) )?(?P<text>.*)'} as const
    expect(outline(format, 'x INFO id=7 hällo\r\nWARN no id\n\nnothing here\n')).toEqual([
      '1 record {"level":"INFO","id":"7","text":"hällo"}',
      '2 record {"level":"WARN","id":null,"text":"no id"}',
      '3 blank',
      '4 no match',
    ])
  })

  test('a group may be empty, unnamed ones are no fields, __proto__ is one', () => {
    const [record] = records({format: 'regex', pattern: '^(a)(?P<__proto__>b*)$'}, 'a')
    expect(Object.entries(record!)).toEqual([['__proto__', '']])
  })

  test('takes linear time where backtracking would not', () => {
    expect(outline({format: 'regex', pattern: '^(?P<x>(a+)+)$'}, `${'a'.repeat(2000)}b`)).toEqual(['1 no match'])
  })

  test('records have the fields that are looked at, others are left out', () => {
    const format = {format: 'regex', pattern: '^(?P<level>[A-Z]+) (?:id=(?P<id>\\d+) )?(?P<text>.*)$'} as const
    const input = 'INFO id=7 hällo\r\nWARN no id\nDEBUG id=8 \u{1f600}\nx\n\n'
    const seen = (...names: string[]) => collect(format, input, {fieldsSeen: new Set(names)}).calls
    const parts = (calls: ReturnType<typeof seen>) =>
      calls.flatMap(call => (call.call === 'record' ? [call.parts] : []))
    expect(parts(seen('id', 'level', 'other'))).toEqual([
      {level: 'INFO', id: '7'},
      {level: 'WARN', id: null},
      {level: 'DEBUG', id: '8'},
    ])
    expect(parts(seen())).toEqual([{}, {}, {}])
    const others = (calls: ReturnType<typeof seen>) => calls.filter(({call}) => call !== 'record')
    expect(others(seen('id'))).toEqual(others(collect(format, input).calls))
  })

  test('a pattern that is none, or names no group, is refused', () => {
    expect(() => outline({format: 'regex', pattern: '('}, '')).toThrow('not a regular expression')
    expect(() => outline({format: 'regex', pattern: '(a)'}, '')).toThrow('names no group')
  })
})

test('a line that is not UTF-8 is bad in every line format', () => {
  const input = Buffer.concat([Buffer.from('a=1\n'), Buffer.from([0xc3]), Buffer.from('=2\nb=3\n')])
  const formats = [
    {format: 'json'},
    {format: 'logfmt'},
    {format: 'common-log'},
    {format: 'combined-log'},
    {format: 'regex', pattern: '(?P<a>.)'},
  ] as const
  for (const format of formats) {
    const calls = outline(format, input)
    expect(calls).toHaveLength(3)
    expect(calls[1]).toBe('2 not UTF-8')
  }
})
