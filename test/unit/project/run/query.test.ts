import {expect, test} from 'vitest'
import {queryRule} from '../../../../src/project/query.ts'
import {assertRule, compilePlan} from '../../../../src/rules/index.ts'

function columns(keys: string[], values: string[]): unknown {
  const rule = queryRule({keys, values, where: undefined, format: 'json'})
  assertRule(rule)
  const {keyParts, values: nodes} = compilePlan(rule).plan.keysets[0]!
  return {
    keys: keyParts.map(({name, field, transforms}) => [name, field, ...transforms.map(each => each.transform)]),
    values: nodes.map(({column, aggregate, field}) => [column, aggregate, field]),
  }
}

test('fields, calls and names of columns', () => {
  expect(
    columns(
      ['a,b.c', 'host=urlHost(url), day(time,"Europe/Berlin")'],
      ['count, price', 'slow=p95(ms),topK(q, 5),count(x)'],
    ),
  ).toEqual({
    keys: [
      ['a', 'a'],
      ['b.c', 'b.c'],
      ['host', 'url', 'urlHost'],
      ['day', 'time', 'day'],
    ],
    values: [
      ['count', 'sum', 'count'],
      ['price', 'sum', 'price'],
      ['slow', 'quantile', 'ms'],
      ['topK_q', 'topK', 'q'],
      ['count_x', 'count', 'x'],
    ],
  })
})

test('odd names stand in quotes', () => {
  expect(columns(['"a,b"', `'c(d)'`, 'x="e=f"'], [`total=sum("p,q")`])).toEqual({
    keys: [
      ['a,b', 'a,b'],
      ['c(d)', 'c(d)'],
      ['x', 'e=f'],
    ],
    values: [['total', 'sum', 'p,q']],
  })
})

test('bounds of a histogram are arguments or a list', () => {
  expect(columns(['a'], ['h=histogram(ms, 1, 10)'])).toEqual(columns(['a'], ['h=histogram(ms, [1, 10])']))
})

test.each([
  [['lowr(a)'], [], /no such transform. Did you mean "lower"/],
  [['constructor(a)'], [], /no such transform/],
  [['a'], ['summ(a)'], /no such aggregate. Did you mean "sum"/],
  [['a'], ['toString(a)'], /no such aggregate/],
  [['a'], ['sum()'], /names no field/],
  [['lower()'], [], /names no field/],
  [['a'], ['first(x)'], /write first\(field, by\)/],
  [['a'], ['price,price'], /two columns of -v are called "price"/],
  [['a(b'], [], /neither a field nor call/],
])('-k %j -v %j is told', (keys, values, message) => {
  expect(() => columns(keys, values)).toThrow(
    expect.objectContaining({code: 'BAD_FLAG', exitCode: 2, message: expect.stringMatching(message)}),
  )
})

test('a comparison in a call needs no brackets, and count counts where it holds', () => {
  const {values} = columns(
    ['host'],
    ['errors=sum(status>=500),share=avg(status = 500),count(ms > 10),status < 400'],
  ) as {
    values: unknown[]
  }
  expect(values).toEqual([
    ['errors', 'sum', 'status>=500'],
    ['share', 'avg', 'status = 500'],
    ['count(ms > 10)', 'sum', 'ms > 10'],
    ['status < 400', 'sum', 'status < 400'],
  ])
  expect(columns(['host'], ['count((price * 2))'])).toMatchObject({
    values: [['count(price * 2)', 'count', '(price * 2)']],
  })
})

test('a field that is called like a comparison stands in quotes', () => {
  expect(columns(['a'], ['sum("size>10")', 'x="a == b"', 'sum(a -> b)'])).toMatchObject({
    values: [
      ['sum_size>10', 'sum', 'size>10'],
      ['x', 'sum', 'a == b'],
      ['sum_a -> b', 'sum', 'a -> b'],
    ],
  })
})

test('minute takes a number of minutes before the zone', () => {
  expect(columns(['minute(t, 10)', 'h=minute(t, 30, "Europe/Berlin")'], ['count'])).toMatchObject({
    keys: [
      ['minute', 't', 'minute', 'replace'],
      ['h', 't', 'minute', 'replace', 'replace'],
    ],
  })
  expect(() => columns(['minute(t, 7)'], ['count'])).toThrow(/-k minute\(t, 7\): .*every is 7, expected one of 5, 10/)
})

test('an expression of nothing but text is refused, as quotes are no sign of a field there', () => {
  expect(() => columns(['a'], ['sum(toFloat(replace("Amount (EUR)", ",", ".")))'])).toThrow('reads no field')
  const where = (text: string) => () => queryRule({keys: ['a'], values: [], where: text, format: 'json'})
  expect(where('"level" == "error"')).toThrow('reads no field')
  expect(where('level == "error"')).not.toThrow()
  expect(columns(['a'], ['sum(toFloat(replace(`Amount (EUR)`, ",", ".")))'])).toMatchObject({
    values: [[expect.any(String), 'sum', expect.any(String)]],
  })
})
