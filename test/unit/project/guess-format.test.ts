import assert from 'node:assert/strict'
import {test} from 'vitest'
import {guessFormat} from '../../../src/project/index.ts'
import {extendedLogNames} from '../../../src/project/infer/guess-format.ts'
import {compilePattern} from '../../../src/rules/patterns/index.ts'

const guess = (text: string): unknown => guessFormat(new TextEncoder().encode(text))

test('JSON lines are told, also with dirt, blanks and a cut end', () => {
  assert.deepEqual(guess('{"a":1}\n{"a":2}\n'), {format: 'json'})
  assert.deepEqual(guess('\ufeff# log\n\n {"a":1}\r\n{"a":2}\n{"a":\n'), {format: 'json'})
  assert.deepEqual(guess('{"a":1,"b":"x'), {format: 'json'})
  assert.deepEqual(guess('{}'), {format: 'json'})
})

test('CSV is told with its delimiter, and a header where the first row is different', () => {
  assert.deepEqual(guess('id,name\n1,Ana\n2,Bo\n'), {format: 'csv', fields: 'header', delimiter: ','})
  assert.deepEqual(guess('first,last\nAna,Marsh\nBo,Lima\n'), {format: 'csv', fields: 'header', delimiter: ','})
  assert.deepEqual(guess('Ana,Marsh\nBo,Lima\n'), {format: 'csv', fields: null, delimiter: ','})
  assert.deepEqual(guess('1\t2\n3\t4\n'), {format: 'csv', fields: null, delimiter: '\t'})
  assert.deepEqual(guess('a;b\n"x;y";2\n"x";3\n'), {format: 'csv', fields: 'header', delimiter: ';'})
  assert.deepEqual(guess('a|b\nx|1\n'), {format: 'csv', fields: 'header', delimiter: '|'})
})

test('a trailing comma in the rows below the header does no harm', () => {
  assert.deepEqual(guess('cmte_id,amount\nC1,5,\nC2,6,\n'), {format: 'csv', fields: 'header', delimiter: ','})
})

test('a spreadsheet is told: line breaks and decimal commas in its cells, empty cells, names that stand twice', () => {
  const csv = (fields: 'header' | null, delimiter: string) => ({format: 'csv', fields, delimiter})
  const german = '\ufeff"Order ID";"Name";"Amount (EUR)";"Amount (EUR)"\r\n"001";"Müller; ""GmbH""";"1.234,50";"1"\r\n'
  assert.deepEqual(guess(`${german}"002";"two\r\nlines";;"2"\r\n"003";"a,b,c,d";"7";""\r\n`), csv('header', ';'))
  assert.deepEqual(guess(',0\na,1\nb,2\n'), csv(null, ','))
  assert.deepEqual(guess(',n\na,1\nb,2\n'), csv('header', ','))
  assert.deepEqual(guess('x,x\n1,\n2,\n'), csv('header', ','))
})

test('what is called CSV may have more rows that do not fit, and a quote that nobody closed', () => {
  const text = 'id,name,amount\n1,a,2\n2,b,3\n3\n4,d\n5,"open,6\n'
  assert.equal(guess(text), null)
  const named = (name: string): unknown => guessFormat(new TextEncoder().encode(text), name)
  for (const name of ['us.csv', 'x/US.CSV.gz']) {
    assert.deepEqual(named(name), {format: 'csv', fields: 'header', delimiter: ','})
  }
  assert.equal(named('us.log'), null)
})

test('access logs are told apart', () => {
  const common = '192.0.2.1 - - [05/Mar/2012:07:00:01 +0000] "GET / HTTP/1.1" 200 1000'
  assert.deepEqual(guess(`${common}\n${common}\n`), {format: 'common-log'})
  assert.deepEqual(guess(`${common} "-" "bot \\"x\\""\n`), {format: 'combined-log'})
})

test('logfmt is told', () => {
  assert.deepEqual(guess('at=info msg="a b" ms=3\nat=warn msg="c, d" ms=4\n'), {format: 'logfmt'})
})

test('a JSON list is no JSON lines, however many of its lines would pass for records', () => {
  for (const text of ['[{"a":1},{"a":2}]', '[\n{"a":1},\n{"a":2}\n]\n', '\ufeff [ {\n"a": 1}\n]'])
    assert.equal(guess(text), null)
  assert.deepEqual(guess('[1,2]\n{"a":1}\n{"a":2}\n'), {format: 'json'})
})

test('prose, nothing and binary data are not guessed', () => {
  assert.equal(guess('Once upon a time\nthere was a log\n'), null)
  assert.equal(guess(''), null)
  assert.equal(guess('\n\n'), null)
  assert.equal(guessFormat(new Uint8Array([0, 255, 254, 10, 1, 2, 3, 10])), null)
})

const patternOf = (text: string): string => {
  const known = guess(text) as {format: string; pattern: string}
  assert.equal(known.format, 'regex')
  return known.pattern
}
/** As a reader sees it, not as JavaScript does. */
const groupsOf = (text: string): unknown => {
  const pattern = compilePattern(patternOf(text))
  assert.equal(pattern.engine, 'RegExp')
  const found = pattern.exec(text.split('\n')[0]!)!
  return Object.fromEntries([...pattern.groupNames].map(([name, group]) => [name, found[group] ?? null]))
}

test('syslog is told in its three ways', () => {
  assert.deepEqual(
    groupsOf('Nov  3 10:00:01 web1 sshd[12]: Failed password: root\nNov  3 10:00:02 web1 kernel: up\n'),
    {
      time: 'Nov  3 10:00:01',
      host: 'web1',
      app: 'sshd',
      pid: '12',
      message: 'Failed password: root',
    },
  )
  assert.deepEqual(groupsOf('<34>2026-11-23T10:00:01.123456+01:00 web1 cron: ran\n'), {
    time: '2026-11-23T10:00:01.123456+01:00',
    host: 'web1',
    app: 'cron',
    pid: null,
    message: 'ran',
  })
  assert.deepEqual(groupsOf('<165>1 2026-11-23T10:00:01Z web1 su 77 ID47 [x@1 a="b" c="d"] it failed\n'), {
    time: '2026-11-23T10:00:01Z',
    host: 'web1',
    app: 'su',
    pid: '77',
    id: 'ID47',
    data: '[x@1 a="b" c="d"]',
    message: 'it failed',
  })
})

test('lines of containers are told, also where JSON in them has commas', () => {
  const line = '2026-11-23T10:00:00.123456789Z stdout F {"level":"info","ms":5}'
  assert.deepEqual(groupsOf(`${line}\n${line}\n`), {
    time: '2026-11-23T10:00:00.123456789Z',
    stream: 'stdout',
    part: 'F',
    log: '{"level":"info","ms":5}',
  })
})

test('times and levels alone are no syslog', () => {
  assert.equal(guess('2026-11-23T10:00:00Z INFO main: it began\n2026-11-23T10:00:01Z ERROR main: it ended\n'), null)
})

test('an extended log is named with its fields', () => {
  const names = (text: string): unknown => extendedLogNames(new TextEncoder().encode(text))
  const head = '#Version: 1.0\n#Fields: date cs(User-Agent) sc-status\n'
  assert.deepEqual(names(`${head}2026-11-23 x 200\n`), {names: ['date', 'cs(User-Agent)', 'sc-status'], delimiter: ' '})
  assert.deepEqual(names(`${head}2026-11-23\tx\t200\n`), {
    names: ['date', 'cs(User-Agent)', 'sc-status'],
    delimiter: 'tab',
  })
  assert.equal(names('a,b\n#Fields: x\n'), undefined)
})

test('what has NUL in its lines is no table', () => {
  assert.equal(guess('a\tb\0\n1\t2\n3\t4\n'), null)
})
