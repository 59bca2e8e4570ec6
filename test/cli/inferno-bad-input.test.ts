import {execFileSync} from 'node:child_process'
import {chmodSync, mkdirSync, readdirSync, symlinkSync} from 'node:fs'
import {gzipSync, zstdCompressSync} from 'node:zlib'
import {afterAll, afterEach, beforeAll, describe, expect, test} from 'vitest'
import {Project} from './inferno-project.ts'
import type {Outcome} from './launcher-run.ts'

let project: Project
beforeAll(() => {
  project = new Project()
})
afterEach(() => expect(project.leftovers()).toEqual([]))
afterAll(() => project.close())

const isRoot = process.getuid?.() === 0

/** Counts by `a` of a file with this content. */
function count(content: string | Uint8Array, ...args: string[]): Outcome {
  project.write('input', content)
  return project.inferno(['query', '-k', 'a', '-v', 'count', '--from', 'json', 'input', ...args])
}

const noStack = /^(?![\s\S]*\n {4}at )/

describe('a line', () => {
  test.each([
    ['not JSON', '{"a": \n', 'not JSON'],
    ['two objects', '{"a":1}{"a":2}\n', 'not JSON'],
    ['an array with an object', '[{"a":1}]\n', 'not an object'],
    ['not UTF-8', Buffer.from('{"a":"\xe9"}\n', 'latin1'), 'not UTF-8'],
  ])('that is %s is counted, shown and left out', (_, line, reason) => {
    const {exitCode, stdout, stderr} = count(Buffer.concat([Buffer.from(line as string), Buffer.from('{"a":"ok"}\n')]))
    expect({exitCode, stdout}).toEqual({exitCode: 0, stdout: 'a,count\nok,1\n'})
    expect(stderr).toMatch(/^in 2 = used 1 \+ filtered 0 \+ bad 1 /)
    expect(stderr).toContain(`bad: 1 ${reason}\n  input:1  ${reason}`)
  })

  test('without an object is no record, and a blank one is not even counted', () => {
    const {stdout, stderr} = count('# note\n\n[1,2]\n7\n{"a":1}\n')
    expect(stdout).toBe('a,count\n1,1\n')
    expect(stderr).toMatch(/^in 4 = used 1 \+ filtered 3 \+ bad 0 · 1 blank line apart /)
    expect(stderr).toContain('filtered: 3 no JSON object on the line')
  })

  test('may end with CR LF or not at all, after a byte order mark', () => {
    expect(count('\ufeff{"a":1}\r\n{"a":1}\r\n\r\n{"a":2}').stdout).toBe('a,count\n1,2\n2,1\n')
  })

  test('of 40 MB is one bad record and the lines around it count', () => {
    const long = Buffer.alloc(40_000_000, 'x')
    const {exitCode, stdout, stderr} = count(
      Buffer.concat([Buffer.from('{"a":1}\n{"a":"'), long, Buffer.from('"}\n{"a":2}\n')]),
    )
    expect({exitCode, stdout}).toEqual({exitCode: 0, stdout: 'a,count\n1,1\n2,1\n'})
    expect(stderr).toContain('bad: 1 line too long\n  input:2  line too long')
    expect(stderr.length).toBeLessThan(1000)
  })

  test('with 100,000 brackets does no harm', () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
    const {exitCode, stderr} = count(`${deep}\n{"b":${deep}}\n{"a":1}\n${'{"a":'.repeat(50_000)}\n`)
    expect(project.inferno(['infer', '--from', 'json', project.write('deep', `{"b":${deep}}\n`)]).exitCode).toBe(0)
    expect(exitCode).toBe(0)
    expect(stderr).toMatch(/^in 4 = used 1 \+ filtered 2 \+ bad 1 /)
    expect(stderr).toMatch(noStack)
  })
})

test('names of object members of the language are plain fields', () => {
  project.write('names', '{"__proto__":1,"constructor":"c","n":1}\n{"__proto__":2,"constructor":"c","n":1}\n')
  const query = (...args: string[]): string => project.inferno(['query', '-q', 'names', ...args]).stdout
  expect(query('-k', '__proto__,constructor', '-v', 'n')).toBe('__proto__,constructor,n\n1,c,1\n2,c,1\n')
  expect(query('-k', 'n', '-v', '__proto__')).toBe('n,__proto__\n1,3\n')
  expect(query('-k', 'n', '-v', '__proto__', '-f', 'ndjson')).toBe('{"_keyset":"_default","n":"1","__proto__":3}\n')
  expect(query('-k', 'toString', '-v', 'valueOf')).toBe('')
})

test('an empty file gives no rows and says why', () => {
  const {exitCode, stdout, stderr} = count('')
  expect({exitCode, stdout}).toEqual({exitCode: 0, stdout: ''})
  expect(stderr).toContain('no rows: the input holds no records')
})

test('a key that no record has gives no rows and says why', () => {
  const {exitCode, stdout, stderr} = count('{"b":1}\n{"b":2}\n')
  expect({exitCode, stdout}).toEqual({exitCode: 0, stdout: ''})
  expect(stderr).toContain('no record reached a group: the key part "a" is missing or null')
  expect(stderr).toContain('the first 2 records have no "a"')
  expect(stderr).toContain('they have: b')
})

test('a key that is spelt differently, or of which its transform makes nothing, is pointed at', () => {
  project.write('near', '{"domain":"a.org","at":"14:36","geo":{"city":"Rome"}}\n'.repeat(3))
  const told = (...keys: string[]): string =>
    project.inferno(['query', '-v', 'count', '-k', keys.join(','), 'near']).stderr
  expect(told('domin')).toContain(
    'the first 3 records have no "domin"; is it "domain"?\n  they have: domain, at, geo.city',
  )
  expect(told('geo.town')).toContain('no "geo.town"')
  expect(told('hour(at)')).toContain('"at" is there, such as "14:36"; hour makes no "hour" of it')
  expect(told('domain')).not.toContain('they have')
})

test('a value that no record has is told, with the name probably meant; one that some record has is not', () => {
  project.write('priced', '{"k":"a","price":1,"geo":{"lat":2}}\n'.repeat(200))
  const told = (file: string, ...values: string[]): string =>
    project.inferno(['query', '-k', 'k', '-v', values.join(','), file]).stderr
  expect(told('priced', 'prise', 'avg(pryce)', 'count(nix)')).toContain(
    [
      '  no record has "prise": column "prise" is 0 in all rows; is it "price"?',
      '  no record has "pryce": column "avg_pryce" is empty in all rows; is it "price"?',
      '  no record has "nix": column "n" is 0 in all rows',
      '  records have: k, price, geo.lat',
    ]
      .join('\n')
      .replace('"n"', '"count_nix"'),
  )
  for (const values of ['price', 'count', 'max(geo.lat)']) expect(told('priced', values)).not.toContain('no record has')
  project.write('rare', `${'{"k":"a"}\n'.repeat(500)}{"k":"b","prise":null}\n`)
  expect(told('rare', 'prise')).not.toContain('no record has')
  expect(told('rare', 'price')).toContain('no record has "price": column "price" is 0 in all rows\n  records have: k\n')
  const piped = project.inferno(['query', '-k', 'k', '-v', 'prise'], {input: '{"k":"a"}\n'})
  expect(piped.stderr).not.toContain('no record has')
})

test('a key that no record of a pipe has is told with what they have', () => {
  const {stderr} = project.inferno(['query', '-k', 'domin', '-v', 'count'], {input: '{"domain":"a"}\n{"domain":"b"}\n'})
  expect(stderr).toContain('the first 2 records have no "domin"; is it "domain"?\n  they have: domain\n')
})

test('of a rule that reads the rows of another the fields are compared with those rows, of the other with its records', () => {
  project.write('raw.ndjson', '{"user":"a","price":1}\n'.repeat(3))
  project.write('raw.csv', 'x,y\n1,2\n')
  const rules = (inner: string, outer: string): string => `import {count, defineRule, sum} from 'disco-inferno'
const users = defineRule({name: 'users', keyParts: ['user'], valueParts: {hits: count(), spent: sum('${inner}')}})
export const all = defineRule({name: 'all', sourceTags: [users], keyParts: [], valueParts: ['hits', '${outer}']})\n`
  const told = (inner: string, outer: string) => {
    project.write('chained.ts', rules(inner, outer))
    return project.inferno(['run', 'chained.ts:all', '--input', 'raw.ndjson', '--input', 'raw.csv', '--json'])
  }
  const findingsOf = ({stdout}: Outcome) => (JSON.parse(stdout) as [{findings: unknown}])[0].findings
  const unusedInputs = {count: 1, named: [{name: 'raw.csv', in: 2, bad: 0}]}
  expect(findingsOf(told('price', 'spent'))).toEqual([{rule: 'chained.users', unusedInputs}])
  expect(findingsOf(told('prise', 'spend'))).toEqual([
    {
      rule: 'chained.users',
      unusedInputs,
      missingFields: [
        'no record has "prise": column "spent" is 0 in all rows; is it "price"?',
        'records have: user, price',
      ],
    },
    {
      rule: 'chained.all',
      missingFields: [
        'no record has "spend": column "spend" is 0 in all rows; is it "spent"?',
        'records have: user, hits, spent, _keyset',
      ],
    },
  ])
})

test('a field of a condition or a list that no record has is told when nothing passes', () => {
  project.write('near', '{"domain":"a.org","price":1}\n'.repeat(150))
  const told = (...args: string[]): string => project.inferno(['query', '-v', 'count', ...args, 'near']).stderr
  expect(told('--where', 'pryce > 0 and domain != "b"')).toContain(
    [
      'no rows, no record reached a group: --where, --since, --until or --explode lets no record pass',
      '  try: leave a part of them out; inferno infer FILE shows what the file holds and suggests a rule',
      '  no record has "pryce", which where reads; is it "price"?',
      '  records have: domain, price',
    ].join('\n'),
  )
  expect(told('--explode', 'prices')).toContain('no record has "prices", which explode reads; is it "price"?')
  expect(told('--where', 'price > 1')).not.toContain('no record has')
  project.write('rare', `${'{"a":1}\n'.repeat(500)}{"a":1,"pryce":0}\n`)
  expect(project.inferno(['query', '-v', 'count', '--where', 'pryce > 0', 'rare']).stderr).not.toContain(
    'no record has',
  )
})

test('a key that the elements of a list have is told with the way to them', () => {
  project.write('trail', '{"Records":[{"source":"s3"},{"source":"ec2"},{"source":"s3"}]}')
  expect(project.inferno(['query', '-k', 'source', '-v', 'count', 'trail']).stderr).toContain(
    '"Records" is a list of objects: explode("Records"), --explode of a query, makes records of them, with "Records.source"',
  )
  const {stdout} = project.inferno(['query', '-k', 'Records.source', '-v', 'count', '--explode', 'Records', 'trail'])
  expect(stdout).toBe('Records.source,count\nec2,1\ns3,2\n')
})

test('a key within a text of JSON is told with the way to it', () => {
  const line = (level: string): string => JSON.stringify({log: `${JSON.stringify({level, ms: 2})}\n`, stream: 'stdout'})
  project.write('container.log', `${line('info')}\n${line('error')}\n${JSON.stringify({log: 'started\n'})}\n`)
  const hint =
    '"log" is text that holds JSON: parseJson("log"), --parse-json of a query, reads it, perhaps with "log.level"'
  for (const key of ['log.level', 'level']) {
    expect(project.inferno(['query', '-k', key, '-v', 'count', 'container.log']).stderr).toContain(hint)
  }
  const args = ['query', '-v', 'count,log.ms', '--parse-json', 'log', 'container.log']
  const {stdout, stderr} = project.inferno([...args, '-k', 'log.level'])
  expect(stdout).toBe('log.level,count,log.ms\nerror,1,2\ninfo,1,2\n')
  expect(stderr).toContain('in 3 = used 2 + filtered 1 + bad 0')
  expect(project.inferno([...args, '-k', 'log.level', '--engine', 'row']).stdout).toBe(stdout)
  expect(project.inferno([...args, '-k', 'log.nothing']).stderr).not.toContain('is text that holds JSON')
})

test('a document, another encoding and a table without values are named for what they are', () => {
  const refused = (name: string, content: string | Uint8Array): string => {
    project.write(name, content)
    const {exitCode, stderr} = project.inferno(['query', '-k', 'a', '-v', 'count', name])
    expect(exitCode).toBe(2)
    return stderr
  }
  expect(refused('list.json', '[\n {"a":1},\n {"a":2}\n]\n')).toBe(
    "Error: list.json is one JSON list\nHint: make lines of it: jq -c '.[]' list.json\n",
  )
  expect(refused('wide.csv', Buffer.from('\ufeffa,b\r\n1,2\r\n', 'utf16le'))).toBe(
    'Error: wide.csv is UTF-16\nHint: convert it: iconv -f UTF-16 -t UTF-8 wide.csv\n',
  )
  project.write('latin.csv', Buffer.from('name,n\nM\xfcller,1\n', 'latin1'))
  expect(project.inferno(['infer', 'latin.csv']).stderr).toContain(
    'Hint: 1 line cannot be read: not UTF-8; convert it, for example with: iconv -f LATIN1 -t UTF-8',
  )
})

test('values that are no numbers add 0 and are told with an example', () => {
  project.write('values', '{"v":"1,234.50"}\n{"v":null}\n{}\n{"v":"2"}\n{"v":[7]}\n')
  const {stdout, stderr} = project.inferno(['query', '-v', 'v,n=count(v),avg(v)', 'values'])
  expect(stdout).toBe('v,n,avg_v\n2,3,2\n')
  expect(stderr).toContain('v: 2 values are not numbers, counted as 0, for example "1,234.50"\n')
  expect(stderr).toContain('avg_v: 2 values are not numbers, left out, for example "1,234.50"\n')
})

describe('an archive', () => {
  const records = Array.from({length: 2000}, (_, index) => `{"a":${index % 2}}\n`).join('')
  const packers = {gzip: gzipSync, zstd: zstdCompressSync} as const

  test.each(['gzip', 'zstd'] as const)('of %s is told by its content, several in one file too', name => {
    const packed = packers[name](records)
    expect(count(Buffer.concat([packed, packed])).stdout).toBe('a,count\n0,2000\n1,2000\n')
  })

  test.each(['gzip', 'zstd'] as const)('of %s that is cut short fails the run, nothing is printed', name => {
    const packed = packers[name](records)
    const {exitCode, stdout, stderr} = count(packed.subarray(0, packed.byteLength - 10), '-o', 'never')
    expect({exitCode, stdout}).toEqual({exitCode: 1, stdout: ''})
    expect(stderr).toMatch(
      new RegExp(`^Error: input: the ${name} data is (cut short|corrupt) after \\d+ decompressed bytes\nHint: `),
    )
    expect(project.has('never')).toBe(false)
  })

  test('that is corrupt fails the run', () => {
    const packed = gzipSync(records)
    packed.fill(0xff, 30, 40)
    const {exitCode, stderr} = count(packed)
    expect(exitCode).toBe(1)
    expect(stderr).toMatch(/^Error: input: the gzip data is corrupt/)
    expect(stderr).toMatch(noStack)
  })

  test('of another kind is named with the command that unpacks it', () => {
    const {exitCode, stderr} = count(Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 0, 0]))
    expect(exitCode).toBe(1)
    expect(stderr).toContain('is xz; gzip and zstd are read directly\nHint: unpack it into a pipe: xz -dc')
  })
})

describe('an input', () => {
  test.skipIf(isRoot)('that may not be read is an error in a sentence', () => {
    chmodSync(project.write('secret', '{"a":1}\n'), 0)
    const {exitCode, stderr} = project.inferno(['query', '-k', 'a', 'secret'])
    expect(exitCode).toBe(1)
    expect(stderr).toBe('Error: cannot read secret: permission denied\n')
  })

  test.each(['none.ndjson', 'none/*.ndjson', 'dangling'])('that is not there (%s) is refused', name => {
    if (name === 'dangling') symlinkSync('nowhere', project.path(name))
    const {exitCode, stderr} = project.inferno(['query', '-k', 'a', name])
    expect(exitCode).toBe(2)
    expect(stderr).toMatch(/^Error: there is no input [^\n]+\nHint: name files, folders or quoted globs/)
  })

  test('without files in it is refused', () => {
    mkdirSync(project.path('hollow'))
    expect(project.inferno(['query', '-k', 'a', 'hollow'])).toMatchObject({
      exitCode: 2,
      stderr: 'Error: the folder hollow holds no files\n',
    })
  })

  test('may have any name', () => {
    const names = ['sp ace.ndjson', '-dash.ndjson', 'new\nline.ndjson', '[x].ndjson', 'ünï.ndjson', '*.ndjson']
    for (const name of names) project.write(`odd/${name}`, '{"a":1}\nbad{\n')
    const cwd = project.path('odd')
    const {stdout, stderr} = project.inferno(['query', '-k', 'a', '-v', 'count', '--', ...names], {cwd})
    expect(stdout).toBe('a,count\n1,6\n')
    expect(stderr).toContain('  new\\nline.ndjson:2  not JSON')
  })

  test('of which no record was used is named, when others gave some and no condition refused it', () => {
    project.write('mixed/a.ndjson', '{"k":"a","n":1}\n')
    project.write('mixed/b.csv', 'k,n\nb,2\n')
    project.write('mixed/c.ndjson', '{"other":"c"}\n')
    const query = (...args: string[]) => project.inferno(['query', '-k', 'k', '-v', 'n', '--from', 'json', ...args])
    const {stdout, stderr} = query('mixed')
    expect(stdout).toBe('k,n\na,1\n')
    expect(stderr).toContain(
      'no record of mixed/b.csv was used: 2 filtered\nno record of mixed/c.ndjson was used: 1 filtered\n',
    )
    expect(query('--threads', '1', 'mixed').stderr).toContain('no record of mixed/b.csv was used: 2 filtered\n')
    project.write('days/a.ndjson', '{"k":"a","n":1}\n')
    project.write('days/b.ndjson', '{"k":"b","n":1}\n')
    expect(query('--where', 'k == "a"', 'days').stderr).not.toContain('no record of')
    expect(query('mixed/b.csv').stderr).not.toContain('no record of mixed/b.csv was used')
  })

  test('that is named twice is read once, hidden files of a folder are left out', () => {
    project.write('folder/a.ndjson', '{"a":1}\n')
    project.write('folder/.hidden', '{"a":2}\n')
    project.write('folder/deep/b.ndjson', '{"a":3}\n')
    const {stdout, stderr} = project.inferno(['query', '-k', 'a', '-v', 'count', 'folder', 'folder/*.ndjson'])
    expect(stdout).toBe('a,count\n1,1\n3,1\n')
    expect(stderr).toContain('folder/a.ndjson is named more than once; it is read once')
  })
})

describe('control characters of the data', () => {
  test('come out of CSV into a pipe as they are, and never on standard error', () => {
    const {stdout, stderr} = count('{"a":"\\u001b[31mred"}\n\u001b[2J{bad\n')
    expect(stdout).toBe('a,count\n\u001b[31mred,1\n')
    expect(stderr).not.toContain('\u001b')
    expect(stderr).toContain('\\u001b[2J{bad')
  })

  test('are escaped in a table', () => {
    const {stdout} = count('{"a":"\\u001b[31mred"}\n', '-f', 'table')
    expect(stdout).not.toContain('\u001b')
    expect(stdout).toContain('\\u001b[31mred')
  })
})

describe('--max-bad', () => {
  const content = `${'{"a":1}\n'.repeat(18)}{bad\n{worse\n`

  test.each([
    ['2', 0],
    ['1', 1],
    ['0', 1],
    ['10%', 0],
    ['9.9%', 1],
  ])('%s ends with %i', (limit, status) => {
    const {exitCode, stdout, stderr} = count(content, '--max-bad', limit)
    expect(exitCode).toBe(status)
    if (status === 0) return
    expect(stdout).toBe('')
    expect(stderr).toMatch(
      /^Error: 2 of \d+ records are bad, --max-bad allows [\d.]+%?; nothing was written\n {2}input:19 /,
    )
  })
})

test('--bad-out keeps every bad line, as it was', () => {
  const {exitCode, stderr} = count('{"a":1}\n{"a":"ü" bad\n', '--bad-out', 'bad.ndjson')
  expect(exitCode).toBe(0)
  expect(stderr).toContain('bad.ndjson')
  expect(JSON.parse(project.read('bad.ndjson'))).toMatchObject({
    file: 'input',
    line: 2,
    reason: 'not JSON',
    text: '{"a":"ü" bad',
  })
})

test('--bad-out into a folder that is not there is an error', () => {
  const {exitCode, stderr} = count('{bad\n', '--bad-out', 'none/bad.ndjson')
  expect(exitCode).toBe(1)
  expect(stderr).toMatch(/^Error: cannot write bad records to none\/bad\.ndjson: /m)
})

test('temporary files that cannot be made are an error with a way out', () => {
  const {exitCode, stderr} = project.inferno(['query', '-k', 'a', project.write('input', '{"a":1}\n')], {
    env: {TMPDIR: project.path('no-such-folder')},
  })
  expect(exitCode).toBe(1)
  expect(stderr).toMatch(/^Error: cannot write temporary data to [^\n]+\nHint: point TMPDIR at a folder with room/)
})

describe.skipIf(!canMount())('a full disk', () => {
  let disk = ''
  beforeAll(() => {
    disk = project.path('disk')
    mkdirSync(disk)
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'none', disk])
    project.writeRecords(
      'many.ndjson',
      Array.from({length: 60_000}, (_, index) => ({a: `${'padding'.repeat(40)}${index}`})),
    )
  })
  afterAll(() => execFileSync('umount', [disk]))

  test('while writing results leaves no file behind', () => {
    const {exitCode, stderr} = project.inferno(['query', '-k', 'a', 'many.ndjson', '--out', 'disk/results'])
    expect(exitCode).toBe(1)
    expect(stderr).toContain('Error: cannot write disk/results/_default.csv: the disk is full\nHint: ')
    expect(readdirSync(disk)).toEqual([])
  })

  test('while spilling leaves no file behind and prints nothing', () => {
    const args = ['query', '-k', 'a', '-v', 'count', 'many.ndjson', '--memory', '16MiB']
    const {exitCode, stdout, stderr} = project.inferno(args, {env: {TMPDIR: disk}})
    expect({exitCode, stdout}).toEqual({exitCode: 1, stdout: ''})
    expect(stderr).toMatch(/^Error: cannot write temporary data to [^\n]+: the disk is full\nHint: /m)
    expect(readdirSync(disk)).toEqual([])
  })

  test('that is read-only is named so', () => {
    execFileSync('mount', ['-o', 'remount,ro', disk])
    const {exitCode, stderr} = count('{"a":1}\n', '--out', 'disk/results')
    execFileSync('mount', ['-o', 'remount,rw', disk])
    expect(exitCode).toBe(1)
    expect(stderr).toMatch(/^Error: cannot write disk\/results: the file system is read-only\nHint: /)
  })
})

/** Mounting needs root and a kernel that lets us: without it these tests are skipped. */
function canMount(): boolean {
  if (!isRoot || process.platform !== 'linux') return false
  try {
    execFileSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'none', '/mnt'], {stdio: 'ignore'})
    return true
  } catch {
    return false
  }
}
