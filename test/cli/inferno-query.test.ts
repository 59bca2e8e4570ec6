import {afterAll, afterEach, beforeAll, describe, expect, test} from 'vitest'
import {Project, rowsOf} from './inferno-project.ts'

let project: Project
const records = Array.from({length: 300}, (_, index) => ({
  time: 1330930800000 + index * 60_000,
  campaign_id: 10_000 + (index % 7),
  domain: `www.${'abc'[index % 3]}.com`,
  url: `http://WWW.${'abc'[index % 3]}.com/x?${index}`,
  price: (index % 10) / 10,
  user: {geo: {country: index % 2 ? 'CA' : 'US'}},
}))

beforeAll(() => {
  project = new Project()
  project.writeRecords('ads.ndjson', records)
  project.write('ids.ndjson', '{"id":9007199254740993123,"p":0.1}\n'.repeat(10))
})
afterEach(() => expect(project.leftovers()).toEqual([]))
afterAll(() => project.close())

const query = (...args: string[]): string => {
  const {exitCode, stdout, stderr} = project.inferno(['query', '-q', ...args])
  expect({exitCode, stderr}).toEqual({exitCode: 0, stderr: ''})
  return stdout
}

/** Counts by a key, computed apart, sorted as text. */
const countsBy = (key: (record: (typeof records)[number]) => string): string[][] =>
  [...Map.groupBy(records, key)].map(([name, group]) => [name, String(group.length)]).sort()

test('counts agree with a plain count', () => {
  expect(rowsOf(query('-k', 'domain', '-v', 'count', 'ads.ndjson')).slice(1)).toEqual(countsBy(({domain}) => domain))
  expect(rowsOf(query('-k', 'campaign_id', '-v', 'count', 'ads.ndjson')).slice(1)).toEqual(
    countsBy(({campaign_id}) => String(campaign_id)),
  )
})

test('counts agree with sort and uniq', () => {
  const {stdout} = project.shell(
    `diff <(inferno query -q -k domain -v count ads.ndjson | tail -n +2) \\
          <(grep -o '"domain":"[^"]*"' ads.ndjson | cut -d'"' -f4 | LC_ALL=C sort | uniq -c | awk '{print $2","$1}') && echo same`,
  )
  expect(stdout).toBe('same\n')
})

test('ids keep all their digits, and sums are exact', () => {
  expect(query('-k', 'id', '-v', 'count,p', 'ids.ndjson')).toBe('id,count,p\n9007199254740993123,10,1\n')
  expect(query('-v', 'id', 'ids.ndjson')).toBe('id\n90071992547409931230\n')
  expect(query('-k', 'id', '--where', 'id > 9007199254740993122', 'ids.ndjson')).toBe('id\n9007199254740993123\n')
  expect(query('-k', 'id', '--where', 'id > 9007199254740993123', 'ids.ndjson')).toBe('')
})

test('the same bytes come out for any number of threads, order of files, compression and memory', () => {
  project.writeRecords(
    'big/1.ndjson',
    Array.from({length: 40_000}, (_, index) => ({
      key: `k${(index * 7919) % 30_011}`,
      pad: 'x'.repeat(150),
      v: index / 7,
    })),
  )
  project.shell('head -15000 big/1.ndjson > big/2.ndjson; tail -n +15001 big/1.ndjson > big/3.ndjson')
  const {exitCode, stdout, stderr} = project.shell(`
    full() { inferno query -q -k key,pad -v count,v "$@" | cksum; }
    gzip -k big/1.ndjson
    full big/1.ndjson
    full --threads 1 big/1.ndjson
    full --threads 3 big/1.ndjson
    full --memory 16MiB big/1.ndjson
    full big/3.ndjson big/2.ndjson
    full big/1.ndjson.gz
    full - < big/1.ndjson
    cat big/1.ndjson | full --from json
    full <(cat big/1.ndjson)`)
  expect({exitCode, stderr}).toEqual({exitCode: 0, stderr: ''})
  expect(new Set(stdout.trimEnd().split('\n')).size).toBe(1)
})

describe('keys', () => {
  test('may be nested, computed and renamed', () => {
    expect(query('-k', 'user.geo.country', '-v', 'count', 'ads.ndjson')).toBe(
      'user.geo.country,count\nCA,150\nUS,150\n',
    )
    expect(query('-k', 'host=urlHost(url)', '-v', 'count', 'ads.ndjson')).toBe(
      'host,count\nwww.a.com,100\nwww.b.com,100\nwww.c.com,100\n',
    )
    expect(query('-k', 'hour(time)', '-v', 'count', 'ads.ndjson').split('\n')[1]).toBe('2012-03-05T07,60')
    expect(query('-k', 'day(time,Asia/Tokyo)', '-v', 'count', 'ads.ndjson').split('\n')[1]).toBe('2012-03-05,300')
  })

  test('alone give the distinct ones, values alone one row', () => {
    expect(query('-k', 'domain', 'ads.ndjson')).toBe('domain\nwww.a.com\nwww.b.com\nwww.c.com\n')
    expect(query('-v', 'count,price', 'ads.ndjson')).toBe('count,price\n300,135\n')
  })
})

describe('keys and values', () => {
  test('may be any transform with its arguments', () => {
    expect(query('-k', 'trimTo(domain, 5)', '-v', 'count', 'ads.ndjson')).toBe(
      'trimTo_domain,count\nwww.a,100\nwww.b,100\nwww.c,100\n',
    )
    expect(query('-k', 'site=extract(url, "^[^?]*")', '-v', 'count', 'ads.ndjson').split('\n')[1]).toBe(
      'http://WWW.a.com/x,100',
    )
  })

  test('may be expressions in brackets, also inside calls', () => {
    project.write('money', '{"a":"1.234,50","n":3,"b c":2}\n{"a":"0,50","n":4,"b c":2}\n')
    expect(
      query('-v', 'sum(toFloat(replace(replace(a, "[.]", ""), ",", "."))),m=sum((n * `b c`)),(n+1)', 'money'),
    ).toBe('"sum(toFloat(replace(replace(a, ""[.]"", """"), "","", ""."")))",m,n+1\n1235,14,9\n')
    expect(query('-k', 'lower(trimTo(a, 1)),half=(n/2)', '-v', 'count,max((n*n))', 'money')).toBe(
      '"lower(trimTo(a, 1))",half,count,max(n*n)\n0,2,1,16\n1,1.5,1,9\n',
    )
  })

  test('may have odd names: in quotes, or in quotes in brackets', () => {
    project.write('odd', '{"a":{"b.c":1},"Amount (EUR)":2}\n')
    expect(query('-k', 'a["b.c"]', '-v', '"Amount (EUR)",max("Amount (EUR)")', 'odd')).toBe(
      '"a[""b.c""]",Amount (EUR),max_Amount (EUR)\n1,2,2\n',
    )
  })
})

describe('--top', () => {
  test('shows the largest first, by the first column or another', () => {
    const top = (text: string, ...more: string[]): string =>
      query('-k', 'campaign_id', '-v', 'count,price', '--top', text, ...more, 'ads.ndjson')
    expect(top('2')).toBe('campaign_id,count,price\n10000,43,19.1\n10001,43,19.4\n')
    expect(
      rowsOf(top('100:price'))
        .slice(1)
        .map(([, , price]) => Number(price)),
    ).toEqual(
      rowsOf(query('-k', 'campaign_id', '-v', 'price', 'ads.ndjson'))
        .slice(1)
        .map(([, price]) => Number(price))
        .sort((a, b) => b - a),
    )
    const {keysets, rowCounts} = JSON.parse(top('1', '--json'))
    expect({keysets, rowCounts}).toEqual({
      keysets: {_default: {columns: ['campaign_id', 'count', 'price'], rows: [['10000', 43, 19.1]]}},
      rowCounts: {_default: 1},
    })
  })

  test.each([
    ['x', '--top x is not a number of rows'],
    ['0', '--top 0 is not a number of rows'],
    ['3:prise', '--top: there is no column "prise" to go by'],
  ])('%s is refused', (text, message) => {
    const {exitCode, stderr} = project.inferno(['query', '-k', 'domain', '-v', 'count', '--top', text, 'ads.ndjson'])
    expect({exitCode, stderr: stderr.split('\n')[0]}).toEqual({exitCode: 2, stderr: `Error: ${message}`})
  })
})

describe('--to', () => {
  const into = (...args: string[]): {exitCode: number | null; stderr: string} => {
    const {exitCode, stderr} = project.inferno(['query', '-k', 'domain', '-v', 'count', ...args, 'ads.ndjson'])
    return {exitCode, stderr: stderr.split('\n')[0] ?? ''}
  }

  test('puts the rows into a database, once', () => {
    expect(into('--to', 'sqlite:q.db')).toEqual({exitCode: 0, stderr: 'rows to sqlite:q.db: 3 into query'})
    expect(into('--to', 'sqlite:q.db', '--table', 'sites')).toEqual({
      exitCode: 0,
      stderr: 'rows to sqlite:q.db: 3 into sites',
    })
    expect(into('--to', 'sqlite:q.db', '--table', 'sites').stderr).toBe('the rows are in sqlite:q.db already')
  })

  test('takes all rows, and what is for a database wants one', () => {
    expect(into('--to', 'sqlite:q.db', '--top', '1')).toEqual({
      exitCode: 2,
      stderr: 'Error: --top is for looking, and the rows go elsewhere',
    })
    expect(into('--table', 'sites')).toEqual({exitCode: 2, stderr: 'Error: --table is for a database'})
    expect(into('--mode', 'add')).toEqual({exitCode: 2, stderr: 'Error: --mode is for a database'})
  })
})

test('values may be any aggregate', () => {
  const values =
    'n=count(),sum(price),min(price),max(price),avg(price),median(price),distinct(domain),first(price,time)'
  const [head, row] = rowsOf(query('-v', values, 'ads.ndjson'))
  expect(head).toEqual('n,sum_price,min_price,max_price,avg_price,median_price,distinct_domain,first_price'.split(','))
  expect(row?.slice(0, 5)).toEqual(['300', '135', '0', '0.9', '0.45'])
  expect(Number(row?.[5])).toBeCloseTo(0.45, 1)
  expect(row?.slice(6)).toEqual(['3', '0'])
})

test('--where keeps the records that meet it', () => {
  expect(query('-k', 'domain', '-v', 'count', '--where', 'price >= 0.5 and domain != "www.a.com"', 'ads.ndjson')).toBe(
    'domain,count\nwww.b.com,50\nwww.c.com,50\n',
  )
})

describe('the format', () => {
  test('is guessed from the first bytes and told', () => {
    project.write('a.csv', 'name,n\nann,1\nbob,2\nann,3\n')
    const {stdout, stderr} = project.inferno(['query', '-k', 'name', '-v', 'n', 'a.csv'])
    expect(stdout).toBe('name,n\nann,4\nbob,2\n')
    expect(stderr).toContain('reading as csv with a header, delimiter ","; --from says otherwise\n')
  })

  test.each([
    ['csv', 'k,n\n"a ""q"", b",1\n"a ""q"", b",2\n', '"a ""q"", b",3'],
    ['tsv', 'k\tn\na b\t1\n', 'a b,1'],
    ['logfmt', 'k="a b" n=1\nk="a b" n=2\n', 'a b,3'],
  ])('%s is read', (format, content, row) => {
    project.write('input', content)
    expect(query('-k', 'k', '-v', 'n', '--from', format, 'input')).toBe(`k,n\n${row}\n`)
  })

  test('of CSV may be said: what is between cells, and names where there is no header', () => {
    project.write('eur.csv', 'Kunde;Betrag\r\n"A; B";2\r\n')
    expect(query('-k', 'Kunde', '-v', 'Betrag', '--delimiter', ';', 'eur.csv')).toBe('Kunde,Betrag\nA; B,2\n')
    project.write('bare', 'ann\t1\nann\t2\n')
    expect(query('-k', 'who', '-v', 'n', '--delimiter', 'tab', '--names', 'who,n', 'bare')).toBe('who,n\nann,3\n')
    const refused = (...args: string[]): string => project.inferno(['query', '-k', 'a', ...args, 'bare']).stderr
    expect(refused('--delimiter', ';;')).toContain('--delimiter is ";;", expected one ASCII character or tab')
    expect(refused('--from', 'logfmt', '--names', 'a')).toContain('--names is for CSV, not for --from logfmt')
  })

  test('of a folder is told by the first file that looks like something', () => {
    project.write('mixed/a.bin', Buffer.from('PK\0\t1\n\0\t2\n'))
    project.write('mixed/b.csv', 'k;n\na;1\n')
    const {stdout, stderr} = project.inferno(['query', '-k', 'k', '-v', 'n', 'mixed'])
    expect(stdout).toBe('k,n\na,1\n')
    expect(stderr).toContain('no record of mixed/a.bin was used')
  })

  test('of syslog gives times a year', () => {
    const month = new Intl.DateTimeFormat('en', {month: 'short', timeZone: 'UTC'}).format()
    const now = new Date()
    const day = String(now.getUTCDate()).padStart(2, ' ')
    project.write('messages', `${month} ${day} 00:00:01 web1 sshd[7]: failed\n`.repeat(3))
    const {stdout} = project.inferno(['query', '-k', 'hour(time)', '-v', 'count', 'messages'])
    expect(stdout).toBe(`hour,count\n${now.toISOString().slice(0, 10)}T00,3\n`)
  })

  test('of CSV with a name twice is told', () => {
    project.write('twice.csv', 'k,n,n\na,1,2\n')
    const {stdout, stderr} = project.inferno(['query', '-k', 'k', '-v', 'n', 'twice.csv'])
    expect(stdout).toBe('k,n\na,2\n')
    const told = 'the header of twice.csv has "n" more than once (the last one counts)'
    expect(stderr).toContain(told)
    expect(project.inferno(['query', '-k', 'k', '-v', 'n', '--from', 'csv', 'twice.csv']).stderr).toContain(told)
    expect(project.inferno(['query', '-k', 'k', '-v', 'count', 'twice.csv']).stderr).not.toContain('more than once')
    expect(project.inferno(['query', '-q', '-k', 'k', '-v', 'n', 'twice.csv']).stderr).toBe('')
    const piped = project.inferno(['query', '-k', 'k', '-v', 'n', '-'], {input: 'k,n,n\na,1,2\n'})
    expect(piped).toMatchObject({stdout: 'k,n\na,2\n'})
    expect(piped.stderr).toContain('the header of (stdin) has "n" more than once (the last one counts)')
    const data = JSON.parse(project.inferno(['query', '--json', '-k', 'k', '-v', 'n', 'twice.csv']).stdout) as object
    const repeatedNames = {input: 'twice.csv', names: ['n']}
    expect(data).toMatchObject({findings: [{rule: 'query.query', repeatedNames}]})
  })

  test('of CSV with a name twice is told by a run of a rule too', () => {
    project.write('twice.csv', 'k,n,n\na,1,2\n')
    const options = "name: 'r', format: {type: 'csv', fields: 'header'}, keyParts: ['k'], valueParts: ['n']"
    project.write('twice.ts', `import {defineRule} from 'disco-inferno'\nexport default defineRule({${options}})\n`)
    const {stdout, stderr} = project.inferno(['run', 'twice.ts', '--input', 'twice.csv'])
    expect(stdout).toBe('k,n\na,2\n')
    expect(stderr).toContain('the header of twice.csv has "n" more than once (the last one counts)')
  })

  test('of a pipe is guessed like that of a file, packed or not', () => {
    project.write('piped.csv', 'k;n\na;1\na;2\n')
    const {stdout} = project.shell(`
      inferno query -q -k k -v n < piped.csv
      cat piped.csv | inferno query -q -k k -v n -
      gzip -c piped.csv | inferno query -q -k k -v n
      (sleep 0.2; cat piped.csv) | inferno query -q -k k -v n
      printf '' | inferno query -q -k k -v n`)
    expect(stdout).toBe('k,n\na,3\n'.repeat(4))
  })

  test('of an access log has its fields', () => {
    const line = '10.0.0.1 - - [05/Mar/2012:07:00:00 +0000] "GET /x HTTP/1.1" 200 512 "-" "curl/7"\n'
    project.write('access', line.repeat(3))
    expect(query('-k', 'status', '-v', 'count,bytes', 'access')).toBe('status,count,bytes\n200,3,1536\n')
  })

  test('may be a pattern with named groups', () => {
    project.write('input', 'GET 12ms\nPUT 5ms\nGET 3ms\nrubbish\n')
    const {stdout, stderr} = project.inferno([
      'query',
      '--pattern',
      String.raw`^(?<verb>[A-Z]+) (?<ms>\d+)ms`,
      '-k',
      'verb',
      '-v',
      'ms',
      'input',
    ])
    expect(stdout).toBe('verb,ms\nGET,15\nPUT,5\n')
    expect(stderr).toContain('bad: 1 no match\n  input:4  no match')
  })
})

describe('files that are not named', () => {
  test('are a pipe', () => {
    const {exitCode, stdout} = project.inferno(['query', '-k', 'a', '-v', 'count'], {input: '{"a":1}\n{"a":1}\n'})
    expect({exitCode, stdout}).toEqual({exitCode: 0, stdout: 'a,count\n1,2\n'})
  })

  test('are the rest of the command line after the flags', () => {
    expect(query('ids.ndjson', '-k', 'id', '-v', 'p')).toBe('id,p\n9007199254740993123,1\n')
    expect(query('-k', 'id', '-k', 'p', 'ids.ndjson')).toBe('id,p\n9007199254740993123,0.1\n')
  })
})

test.each([
  [['-v', 'summ(p)'], '-v summ(p): there is no such aggregate. Did you mean "sum"?'],
  [['-k', 'dya(time)'], '-k dya(time): there is no such transform. Did you mean "day"?'],
  [['-v', 'sum('], '"sum(" is neither a field nor call(field)'],
  [['-v', 'first(p)'], 'an argument is missing: write first(field, by)'],
  [['-k', 'id', '-v', 'p,p'], 'two columns of -v are called "p"'],
])('%j is refused with what was perhaps meant', (args, message) => {
  const {exitCode, stdout, stderr} = project.inferno(['query', ...args, 'ids.ndjson'])
  expect({exitCode, stdout}).toEqual({exitCode: 2, stdout: ''})
  expect(stderr).toContain(`Error: ${message}`)
})

test('a wrong expression is shown with the place', () => {
  const {exitCode, stderr} = project.inferno(['query', '-k', 'id', '--where', 'id ==', 'ids.ndjson'])
  expect(exitCode).toBeGreaterThan(0)
  expect(stderr).toMatch(/^Error: the expression is wrong at column 6: [^\n]+\n {2}id ==\n {7}\^\n/)
})

test.each([
  [[], 'nothing to group by'],
  [['-k', 'a', '-v', 'quantile(p,2)'], 'quantile'],
  [['-k', 'a', '--where', 'a =='], 'a =='],
  [['-k', 'day(t,Nowhere/Else)'], 'Nowhere/Else'],
  [['-k', 'a', '--pattern', '(?<a'], '(?<a'],
])('what cannot be asked is a mistake on the command line: %j', (flags, named) => {
  const file = project.write('asked.ndjson', '{"a":1}\n')
  const {exitCode, stdout, stderr} = project.inferno(['query', ...flags, file])
  expect({exitCode, stdout}).toEqual({exitCode: 2, stdout: ''})
  expect(stderr).toContain(named)
  expect(stderr).not.toContain('.js:')
})

test('an engine of the settings is for rules; one that was typed is refused', () => {
  project.writeRecords('engine.json', [{a: 'x'}])
  const args = ['query', '-k', 'a', '-v', 'count', 'engine.json', '-q']
  const env = {DISCO_INFERNO_ENGINE: 'clickhouse=env:NOT_THERE'}
  expect(project.inferno(args, {env})).toMatchObject({exitCode: 0, stdout: 'a,count\nx,1\n'})
  expect(project.inferno([...args, '--engine', 'clickhouse=env:NOT_THERE'])).toMatchObject({exitCode: 2, stdout: ''})
})

describe('--since and --until', () => {
  const lines = (format: (minute: string) => string): string =>
    ['10:29', '10:30', '10:59', '11:00'].map(format).join('')
  const since = ['--since', '2012-03-05T10:30', '--until', '2012-03-05T12:00+01:00', '-v', 'count']

  test('leave records of other minutes out, by the time that the first records have', () => {
    project.write(
      'access',
      lines(at => `10.0.0.1 - - [05/Mar/2012:${at}:59 +0000] "GET /x HTTP/1.1" 200 5 "-" "curl"\n`),
    )
    project.write(
      'app',
      lines(at => `{"level":"info","created_at":"2012-03-05T${at}:59Z","at":"${at}"}\n`),
    )
    for (const input of ['access', 'app']) expect(project.inferno(['query', ...since, input]).stdout).toBe('count\n2\n')
    const told = project.inferno(['query', ...since, 'app']).stderr
    expect(told).toContain('the time of a record is created_at; --time says otherwise\n')
    expect(project.inferno(['query', ...since], {input: project.read('app')}).stdout).toBe('count\n2\n')
    expect(project.inferno(['query', ...since, '--time', 'created_at', '-q', 'app'])).toMatchObject({
      stdout: 'count\n2\n',
      stderr: '',
    })
  })

  test('of records without a time ask for its name', () => {
    project.write('no-time', '{"a":1}\n')
    const {exitCode, stderr} = project.inferno(['query', '--since', '1h', '-v', 'count', 'no-time'])
    expect(exitCode).toBe(2)
    expect(stderr).toContain(
      '--since: the first records have no field that is a time for certain\nHint: name it: --time FIELD',
    )
    expect(project.inferno(['query', '--time', 'a', '-v', 'count', 'no-time']).exitCode).toBe(2)
  })
})

test('infer says a query to begin with, and how numbers with names in a text are read', () => {
  const line = '10.0.0.1 - - [05/Mar/2012:07:00:00 +0000] "GET /x HTTP/1.1" 200 5 "-" "curl" rt=0.250 urt="0.2"\n'
  project.write('timed.log', line.repeat(3))
  const {stdout, stderr} = project.inferno(['infer', 'timed.log'])
  expect(stdout).toContain("format: 'combined-log'")
  expect(stderr).toContain(
    '  the text in extra has numbers with names: p95(extract(extra, "rt=([0-9.]+)")) of a query\n',
  )
  const values = 'p95(extract(extra, "rt=([0-9.]+)"))'
  expect(project.inferno(['query', '-q', '-k', 'path', '-v', values, 'timed.log']).stdout).toContain('\n/x,0.25\n')
  const tried = /^try: inferno (query .*)$/m.exec(stderr)?.[1] ?? ''
  expect(project.shell(`inferno ${tried}`)).toMatchObject({exitCode: 0})
})
