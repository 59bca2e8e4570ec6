import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {equalValues} from '../../../../src/rules/expressions/compare.ts'
import {
  compileCondition,
  compileExpression,
  type Expression,
  field,
  literal,
  param,
  parseExpression,
  printExpression,
} from '../../../../src/rules/expressions/index.ts'
import type {ExpressionNode, TransformNode} from '../../../../src/rules/plan.ts'
import {day, extract, lower, toFloat, toInt, trimTo} from '../../../../src/rules/steps/index.ts'
import type {Params, Parts} from '../../../../src/rules/types.ts'

const value = (text: string, parts: Parts = {}, params: Params = {}): unknown =>
  compileExpression(parseExpression(text), params)(parts)
const holds = (text: string, parts: Parts = {}, params: Params = {}): boolean =>
  compileCondition(parseExpression(text), params)(parts)

describe('comparing', () => {
  test.each<[string, Parts, boolean]>([
    // numbers and numeric text by value
    ['x == 5', {x: 5}, true],
    ['x == 5', {x: '5'}, true],
    ['x == 5', {x: ' 5.0 '}, true],
    ['x == "5"', {x: 5}, true],
    ['x > 9', {x: '10'}, true],
    ['x >= 10', {x: 10}, true],
    ['x < 10', {x: 10}, false],
    ['x <= 1e3', {x: '999.5'}, true],
    ['x != 5', {x: '5'}, false],
    // text with text by code point
    ['x == "a"', {x: 'a'}, true],
    ['x == "5"', {x: '5.0'}, false],
    ['x > "9"', {x: '10'}, false],
    ['x > "z"', {x: 'ä'}, true],
    ['x < "😀"', {x: '\uffff'}, true],
    // number with other text
    ['x == 5', {x: 'five'}, false],
    ['x != 5', {x: 'five'}, true],
    ['x > 5', {x: 'five'}, false],
    ['x <= 5', {x: ''}, false],
    ['x == 0', {x: ''}, false],
    ['x == 16', {x: '0x10'}, false],
    // absent and null
    ['x == 0', {}, false],
    ['x == ""', {x: null}, false],
    ['x != 0', {}, true],
    ['x != "a"', {x: null}, true],
    ['x < 5', {x: null}, false],
    ['x >= null', {x: null}, false],
    ['x == y', {}, false],
    ['x == y', {x: null, y: null}, false],
    ['x == null', {}, true],
    ['x == null', {x: null}, true],
    ['null != x', {x: 0}, true],
    ['x == null', {x: 0}, false],
    // booleans
    ['x == true', {x: true}, true],
    ['x == true', {x: 'true'}, true],
    ['x == "false"', {x: false}, true],
    ['x == true', {x: 'TRUE'}, false],
    ['x == true', {x: 1}, false],
    ['x > false', {x: true}, false],
    // big integers are exact
    ['x == 9007199254740993', {x: 9007199254740993n}, true],
    ['x == 9007199254740993', {x: 9007199254740992n}, false],
    ['x == 9007199254740993', {x: '9007199254740993'}, true],
    ['x > 9007199254740992', {x: '9007199254740993'}, true],
    ['x < -9007199254740993', {x: -9007199254740994n}, true],
    ['x > 1.5', {x: 9007199254740993n}, true],
    // objects equal nothing
    ['x == 1', {x: [1]}, false],
    ['x == x', {x: {}}, false],
    ['x != 1', {x: {}}, true],
  ])('%s on %o is %s', (text, parts, expected) => expect(holds(text, parts)).toBe(expected))

  test('a list holds what equals one of it', () => {
    expect(holds('status in (200, 304)', {status: '304'})).toBe(true)
    expect(holds('status not in (200, 304)', {status: 404})).toBe(true)
    expect(holds('id in (9007199254740993)', {id: 9007199254740993n})).toBe(true)
    expect(holds('id in (9007199254740993)', {id: 9007199254740992n})).toBe(false)
    expect(holds('x in (1, null)', {})).toBe(true)
    expect(holds('x in ()', {x: 1})).toBe(false)
  })

  test('a list agrees with one comparison after the other', () => {
    const scalar = fc.oneof(
      fc.integer({min: -3, max: 3}),
      fc.boolean(),
      fc.constantFrom(
        '1',
        '01',
        '1.0',
        'true',
        'false',
        '',
        'a',
        '9007199254740993',
        9007199254740992,
        1e300,
        0.5,
        '5e-1',
        null,
      ),
    )
    const given = fc.oneof(scalar, fc.constantFrom<unknown>(undefined, 9007199254740993n, 1n, [1], {}, Number.NaN))
    fc.assert(
      fc.property(fc.array(scalar), given, (values, x) => {
        const node: ExpressionNode = {expression: 'in', operand: {expression: 'field', path: 'x'}, values}
        const isMissing = x === null || x === undefined
        const expected = values.some(one => (one === null ? isMissing : equalValues(x, one)))
        expect(compileExpression(node, {})({x})).toBe(expected)
      }),
    )
  })
})

describe('text', () => {
  test.each<[string, Parts, boolean]>([
    ['path contains "b/c"', {path: '/a/b/c'}, true],
    ['path startsWith "/a"', {path: '/a/b'}, true],
    ['path ENDSWITH ".png"', {path: '/a.png'}, true],
    ['status startsWith "2"', {status: 204}, true],
    ['tags contains "x"', {tags: ['x', 'y']}, true],
    ['tags contains "x"', {tags: ['xy']}, false],
    ['tags contains "1"', {tags: [1]}, true],
    ['path ~ "^/a"', {path: '/abc'}, true],
    ['path ~ "\\d{2}"', {path: 'x42'}, true],
    ["path matches '^b'", {path: 'ab'}, false],
    ['path !~ "^b"', {path: 'ab'}, true],
    ['path contains ""', {}, false],
    ['path ~ ".*"', {path: null}, false],
    ['not path contains "x"', {}, true],
    ['path not contains "x"', {path: 'x'}, false],
  ])('%s on %o is %s', (text, parts, expected) => expect(holds(text, parts)).toBe(expected))

  test('an evil pattern takes linear time', () => {
    expect(holds('x ~ "(a+)+$"', {x: `${'a'.repeat(50_000)}!`})).toBe(false)
  })
})

describe('logic', () => {
  test.each<[string, Parts, boolean]>([
    ['price > 0 and domain == "x"', {price: 1, domain: 'x'}, true],
    ["not (a == 1 or b != 'y')", {a: 2, b: 'y'}, true],
    ['a == 1 or b == 2 and c == 3', {a: 1}, true],
    ['(a == 1 or b == 2) and c == 3', {a: 1}, false],
    ['a = 1 && !b <> 2 || c', {a: 1, b: 2}, true],
    ['a AND b', {a: 1, b: 'x'}, true],
    ['a', {a: 0}, false],
    ['a', {a: '0'}, false],
    ['a', {a: 'false'}, false],
    ['a', {a: ''}, false],
    ['a', {}, false],
    ['a', {a: true}, true],
    ['not a', {}, true],
    ['exists referer', {referer: null}, true],
    ['exists referer', {}, false],
    ['exists referer and referer == null', {referer: null}, true],
    ['user.geo.country == "DE"', {user: {geo: {country: 'DE'}}}, true],
    ['items[1].id = 2', {items: [{}, {id: 2}]}, true],
    ['`odd name` == 1', {'odd name': 1}, true],
    ['`a``b` == 1', {'a`b': 1}, true],
    ['`and` == 1', {and: 1}, true],
    ['@timestamp = 1', {'@timestamp': 1}, true],
  ])('%s on %o is %s', (text, parts, expected) => expect(holds(text, parts)).toBe(expected))
})

describe('computing', () => {
  test.each<[string, Parts, unknown]>([
    ['price * 2 > 3', {price: '1.6'}, true],
    ['1 + 2 * 3', {}, 7],
    ['(1 + 2) * 3', {}, 9],
    ['10 - 2 - 3', {}, 5],
    ['-x', {x: 4}, -4],
    ['x - -1', {x: 4}, 5],
    ['x / 0', {x: 4}, null],
    ['x / 8', {x: 4}, 0.5],
    ['x + 1', {x: 'abc'}, null],
    ['x + 1', {}, null],
    ['x + 1', {x: true}, 2],
    ['x * 1e308 * 10', {x: 1}, null],
    ['x + 1', {x: 9007199254740993n}, 9007199254740994n],
    ['x + 1', {x: 9007199254740991}, 9007199254740992n],
    ['x * x', {x: 3037000500}, 9223372037000250000n],
    ['x - 9007199254740993', {x: '9007199254740994'}, 1],
    ['x / 2', {x: 18014398509481988n}, 9007199254740994n],
    ['x + 0.5', {x: 9007199254740993n}, 9007199254740992],
    ['lower(trimTo(name, 3))', {name: 'ABCDE'}, 'abc'],
    ['day(time, "Europe/Berlin")', {time: '2012-03-05T23:30:00Z'}, '2012-03-06'],
    ['toInt(x) == 0', {x: null}, true],
    ['toInt(x) == 0', {}, false],
    ['lower("ABC")', {}, 'abc'],
  ])('%s on %o is %o', (text, parts, expected) => expect(value(text, parts)).toBe(expected))

  test('a parameter is a constant of the run; one that is missing is an error', () => {
    expect(value('$least + 1', {}, {least: '4'})).toBe(5)
    expect(value('$`odd name`', {}, {'odd name': 4})).toBe(4)
    expect(() => value('$toString')).toThrow(
      expect.objectContaining({code: 'BAD_PARAMETERS', message: expect.stringContaining('"toString"')}),
    )
  })
})

describe('building', () => {
  const same = (built: Expression, text: string): void => {
    expect(built.node).toEqual(parseExpression(text))
    expect(printExpression(built.node)).toBe(text)
  }
  test('builder, parser and printer agree', () => {
    same(field('price').gt(0).and(field('domain').eq('x')), 'price > 0 and domain == "x"')
    same(field('a').eq(1).or(field('b').ne('y')).not(), 'not (a == 1 or b != "y")')
    same(field('a').lt(1).and(field('b').le(2)).and(field('c').ge(3)), 'a < 1 and b <= 2 and c >= 3')
    same(field('status').in([200, '304', null, true]), 'status in (200, "304", null, true)')
    same(field('odd name').isNull(), '`odd name` == null')
    same(
      field('x').exists().or(field('y').contains('a'), field('z').startsWith('b'), field('w').endsWith('c')),
      'exists x or y contains "a" or z startsWith "b" or w endsWith "c"',
    )
    same(field('path').matches('^/\\d+'), 'path ~ "^/\\\\d+"')
    same(field('a').plus(1).times(field('b').minus(2)).dividedBy(3), '(a + 1) * (b - 2) / 3')
    same(field('id').eq(9007199254740993n), 'id == 9007199254740993')
    same(field('a').transform(lower, trimTo(3)).transform(toInt), 'toInt(trimTo(lower(a), 3))')
    same(
      field('t')
        .transform(day({zone: 'Europe/Berlin'}))
        .eq(param('day')),
      'day(t, "Europe/Berlin") == $day',
    )
    same(field('q').transform(extract('a=(\\w+)')).eq(literal(-1.5)), 'extract(q, "a=(\\\\w+)", 1) == -1.5')
    same(field('a').transform(toFloat).gt(field('b')), 'toFloat(a) > b')
  })

  test('refuses what JSON cannot hold and patterns that do not compile', () => {
    expect(() => field('a').eq(Number.NaN)).toThrow('NaN is not a constant')
    expect(() => field('a').eq(undefined as never)).toThrow('missing is not a constant')
    expect(() => field('a').matches('(')).toThrow(expect.objectContaining({code: 'BAD_RULE'}))
    expect(() => field('')).toThrow('expected the name of a field')
    expect(() => field('a').in('abc' as never)).toThrow('expected an array')
  })
})

describe('printing', () => {
  const scalar = fc.oneof(
    fc.string({unit: 'binary'}),
    fc.integer(),
    fc.double({noNaN: true, noDefaultInfinity: true}).map(number => number + 0),
    fc.boolean(),
    fc.constant(null),
  )
  const name = fc.oneof(
    fc.string({minLength: 1}),
    fc.constantFrom('a', 'user.geo', 'items[0].id', 'and', 'In', 'naïve', 'a-b', '`'),
  )
  const text = fc.string({unit: 'binary', maxLength: 8})
  const transform = fc.constantFrom<TransformNode>(
    {transform: 'lower'},
    {transform: 'toInt'},
    {transform: 'trimTo', length: 5},
    {transform: 'padInt', width: 5, fill: '"'},
    {transform: 'replace', pattern: '\\w"', replacement: '$1\n'},
    {transform: 'extract', pattern: '(?<a>b)', group: 'a'},
    {transform: 'hashed', salt: "it's", length: 8},
    {transform: 'hour', zone: 'Asia/Kolkata', unit: 'ms'},
  )
  const {node} = fc.letrec<{node: ExpressionNode; leaf: ExpressionNode}>(tie => ({
    leaf: fc.oneof(
      name.map(path => ({expression: 'field', path}) as const),
      name.map(one => ({expression: 'param', name: one}) as const),
      scalar.map(one => ({expression: 'literal', value: one}) as const),
      fc.bigInt({min: 10n ** 16n, max: 10n ** 30n}).map(big => literal(-big).node),
    ),
    node: fc.oneof(
      {depthSize: 'small', withCrossShrink: true},
      tie('leaf'),
      fc.record({
        expression: fc.constant('compare' as const),
        operator: fc.constantFrom('==', '!=', '<', '<=', '>', '>='),
        left: tie('node'),
        right: tie('node'),
      }),
      fc.record({
        expression: fc.constantFrom('and' as const, 'or' as const),
        operands: fc.array(tie('node'), {minLength: 2, maxLength: 3}),
      }),
      fc.record({expression: fc.constantFrom('not' as const, 'exists' as const), operand: tie('node')}),
      fc.record({expression: fc.constant('in' as const), operand: tie('node'), values: fc.array(scalar)}),
      fc.record({
        expression: fc.constantFrom('contains' as const, 'startsWith' as const, 'endsWith' as const),
        operand: tie('node'),
        text,
      }),
      fc.record({
        expression: fc.constant('matches' as const),
        operand: tie('node'),
        pattern: fc.constantFrom('^a\\.b"', "it's", '[`]'),
      }),
      fc.record({
        expression: fc.constant('arithmetic' as const),
        operator: fc.constantFrom('+', '-', '*', '/'),
        left: tie('node'),
        right: tie('node'),
      }),
      fc.record({
        expression: fc.constant('transformed' as const),
        operand: tie('leaf').filter(leaf => leaf.expression !== 'transformed'),
        transforms: fc.array(transform, {minLength: 1, maxLength: 3}),
      }),
    ) as fc.Arbitrary<ExpressionNode>,
  }))

  test('what is printed reads back as the same node', () => {
    fc.assert(
      fc.property(node, given => {
        expect(parseExpression(printExpression(given))).toEqual(given)
      }),
      {numRuns: 1500},
    )
  })

  test('no expression throws on any record', () => {
    fc.assert(
      fc.property(node, fc.dictionary(name, fc.jsonValue()), (given, parts) => {
        const params = new Proxy({}, {getOwnPropertyDescriptor: () => ({configurable: true, value: 1}), get: () => 1})
        compileExpression(given, params)(parts)
      }),
    )
  })

  test('salts can be left out', () => {
    const hashedNode = parseExpression('hashed(ip, "secret", 8) == "x"')
    expect(printExpression(hashedNode, {hideSalts: true})).toBe('hashed(ip, salt, 8) == "x"')
    expect(printExpression(hashedNode)).toContain('secret')
  })
})

describe('errors', () => {
  const errorOf = (text: string): string => {
    try {
      parseExpression(text)
    } catch (error) {
      expect(error).toMatchObject({code: 'BAD_EXPRESSION'})
      return (error as Error).message
    }
    throw new Error(`${text} parses`)
  }

  test('say the column, what was found and what was expected, with a caret', () => {
    expect(errorOf('price > 0 domain')).toBe(
      'the expression is wrong at column 11: found domain, expected an operator, "and", "or" or the end\n  price > 0 domain\n            ^',
    )
  })

  test.each([
    ['', 'column 1: found the end, expected a field, a value or "("'],
    ['contains(a, "x")', 'column 1: found contains, expected the field first: message contains "text"'],
    ['price >', 'column 8: found the end'],
    ['a == "x', 'column 6: found a " without its end, expected another "'],
    ['(a == 1', 'column 8: found the end, expected ")" to close the bracket'],
    ['a == 1)', 'column 7: found ), expected an operator'],
    ['a in 1', 'expected "(" before the list'],
    ['a in (b)', 'expected a number, text in quotes, true, false or null'],
    ['a contains b', 'expected text in quotes'],
    ['a not == 1', 'expected "in", "contains"'],
    ['a # b', 'column 3: found "#"'],
    ['12abc == 1', 'a number that goes on with a letter'],
    ['`` == 1', 'found an empty name'],
    ['a == 1e999', 'expected a number below 1e308'],
    ['lowr(a) == 1', 'there is no transform "lowr". Did you mean "lower"?'],
    ['trimTo(a) == 1', 'trimTo has 0 arguments after the value, expected 1'],
    ['trimTo(a, "x") == 1', 'trimTo: the length is "x"'],
    ['day(t, "Nowhere") == 1', 'there is no time zone "Nowhere"'],
    ['a ~ "("', 'the pattern "(" is not a regular expression'],
    ['a == and', 'found and, expected a field'],
  ])('%j: %s', (text, message) => expect(errorOf(text)).toContain(message))

  test('the caret stands under the place, also behind wide context and control characters', () => {
    const lines = errorOf(`${'a == 1 and '.repeat(20)}\n\u2028#`).split('\n')
    expect(lines).toHaveLength(3)
    expect(lines[1]!.indexOf('#')).toBe(lines[2]!.indexOf('^'))
    expect(lines[1]).not.toContain('\u2028')
  })

  test('too long and too deep are errors, not crashes', () => {
    expect(errorOf('('.repeat(5000))).toContain('too much nesting')
    expect(errorOf('!'.repeat(5000))).toContain('too much nesting')
    expect(errorOf('a'.repeat(20_000))).toContain('at most 10000 are allowed')
    const long = `x ${'+ 1 '.repeat(2000)}`
    expect(value(long, {x: 0})).toBe(2000)
    expect(printExpression(parseExpression(long))).toBe(long.trim())
  })

  test('any text parses or is a BAD_EXPRESSION', () => {
    const piece = fc.constantFrom(
      'a',
      ' ',
      '(',
      ')',
      '"x"',
      '1',
      'and',
      'not',
      'in',
      '==',
      '-',
      '~',
      ',',
      '$p',
      '`b`',
      'lower(',
      '.',
      '[0]',
      'exists ',
    )
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(piece).map(pieces => pieces.join('')),
        ),
        given => {
          try {
            parseExpression(given)
          } catch (error) {
            expect(error).toMatchObject({code: 'BAD_EXPRESSION'})
          }
        },
      ),
      {numRuns: 1000},
    )
  })
})
