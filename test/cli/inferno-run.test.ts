import {mkdirSync, readdirSync, symlinkSync} from 'node:fs'
import {afterAll, afterEach, beforeAll, describe, expect, test} from 'vitest'
import {Project} from './inferno-project.ts'
import {launcher} from './launcher-run.ts'

let project: Project
beforeAll(() => {
  project = new Project()
  project.write(
    'rules/clicks.ts',
    `import {defineRule, toInt} from 'disco-inferno'
export default defineRule({
  name: 'per_site',
  params: {least: 1, label: 'rule'},
  fieldTransforms: {ad: toInt},
  partsPreprocess: [(parts, params) => ({...parts, label: params.label, kind: typeof params.label, lines: (params.dataFile ?? []).length})],
  keysets: {
    by_ad: {keyParts: ['ad', 'site'], valueParts: ['count', 'price']},
    by_label: {keyParts: ['label', 'kind', 'lines'], valueParts: ['count']},
  },
})
export const grand_total = defineRule({name: 'total', keyParts: [], valueParts: ['price']})
`,
  )
  project.writeRecords('data/a.ndjson', [
    {ad: '0011', site: 'a.com', price: 0.1},
    {ad: 11, site: 'a.com', price: 0.2},
    {ad: 'x', site: 'b.com', price: 1},
    {ad: 12, price: 5},
  ])
})
afterEach(() => expect(project.leftovers()).toEqual([]))
afterAll(() => project.close())

const byAd = 'ad,site,count,price\n0,b.com,1,1\n11,a.com,2,0.3\n'

test('a rule prints a block for each keyset, and the account beside it', () => {
  const {exitCode, stdout, stderr} = project.inferno(['run', 'clicks.per_site', '--input', 'data/a.ndjson'])
  expect({exitCode, stdout}).toEqual({exitCode: 0, stdout: `${byAd}label,kind,lines,count\nrule,string,0,4\n`})
  expect(stderr).toMatch(/^in 4 = used 4 \+ filtered 0 \+ bad 0 · .* · 1 thread\n/)
  expect(stderr).toContain('by_ad.site was missing or null in 1 record')
})

test('what a rule has left under way is waited for, threads are not', () => {
  project.write(
    'rules/late.ts',
    `import {writeFile} from 'node:fs/promises'
import {setTimeout} from 'node:timers/promises'
import {defineRule} from 'disco-inferno'
export default defineRule({
  name: 'late',
  keyParts: ['site'],
  valueParts: ['count'],
  partsPreprocess: [parts => parts],
  ruleCleanup: () => void setTimeout(100).then(() => writeFile(${JSON.stringify(project.path('late.txt'))}, 'written')),
})
`,
  )
  const {exitCode, stdout} = project.inferno(['run', 'late', '-i', 'data/a.ndjson', '-q'])
  expect({exitCode, stdout}).toEqual({exitCode: 0, stdout: 'site,count\na.com,2\nb.com,1\n'})
  expect(project.read('late.txt')).toBe('written')
})

describe('a rule is named', () => {
  const rowsFor = (reference: string, ...more: string[]): string =>
    project.inferno(['run', reference, '-i', 'data', '-q', ...more]).stdout

  test('by module, rule and keyset', () => {
    expect(rowsFor('clicks.per_site.by_ad')).toBe(byAd)
    expect(rowsFor('clicks.total')).toBe('price\n6.3\n')
    expect(rowsFor('clicks')).toBe(`${rowsFor('clicks.per_site')}${rowsFor('clicks.total')}`)
  })

  test('by its file', () => {
    expect(rowsFor('rules/clicks.ts:per_site.by_ad')).toBe(byAd)
    expect(rowsFor(project.path('rules/clicks.ts:total'))).toBe('price\n6.3\n')
  })

  test('in another rules directory', () => {
    const elsewhere = {cwd: project.path('data')}
    expect(project.inferno(['run', 'clicks.total', '-y', '../rules', '-i', 'a.ndjson', '-q'], elsewhere).stdout).toBe(
      'price\n6.3\n',
    )
    const env = {DISCO_INFERNO_RULES: project.path('rules')}
    expect(project.inferno(['run', 'clicks.total', '-i', 'a.ndjson', '-q'], {...elsewhere, env}).stdout).toBe(
      'price\n6.3\n',
    )
  })

  test.each([
    ['click', 'there is no rule module "click" in rules/. Did you mean "clicks"?'],
    ['clicks.per_sit', 'the module clicks has no rule "per_sit". Did you mean "per_site"?'],
    ['clicks.per_site.by_add', 'the rule clicks.per_site has no keyset "by_add". Did you mean "by_ad"?'],
    ['rules/none.ts', 'there is no rule file rules/none.ts'],
  ])('wrongly: %s is refused with the nearest name', (reference, message) => {
    const {exitCode, stdout, stderr} = project.inferno(['run', reference, '-i', 'data'])
    expect({exitCode, stdout}).toEqual({exitCode: 2, stdout: ''})
    expect(stderr).toContain(`Error: ${message}\nHint: `)
  })
})

test('called as inferno through a link, the topic is known', () => {
  mkdirSync(project.path('bin'), {recursive: true})
  symlinkSync(launcher, project.path('bin/inferno'))
  const {stdout} = project.shell('"$node" "$dir/bin/inferno" run clicks.total -i data -q')
  expect(stdout).toBe('price\n6.3\n')
})

describe('--format', () => {
  const formatted = (format: string): string =>
    project.inferno(['run', 'clicks.per_site.by_ad', '-i', 'data', '-q', '-f', format]).stdout

  test('json is one document', () => {
    expect(JSON.parse(formatted('json'))).toEqual({
      keysets: {
        by_ad: [
          {ad: '0', site: 'b.com', count: 1, price: 1},
          {ad: '11', site: 'a.com', count: 2, price: 0.3},
        ],
      },
    })
  })

  test('ndjson is a row a line, with its keyset', () => {
    expect(formatted('ndjson').split('\n')[1]).toBe(
      '{"_keyset":"by_ad","ad":"11","site":"a.com","count":2,"price":0.3}',
    )
  })

  test('table aligns numbers', () => {
    expect(formatted('table')).toContain('│ 11 │ a.com │     2 │   0.3 │')
  })

  test('of another name is refused', () => {
    const {exitCode, stderr} = project.inferno(['run', 'clicks', '-i', 'data', '-f', 'xml'])
    expect(exitCode).toBe(2)
    expect(stderr).toContain('csv, tsv, table, markdown, json, ndjson')
  })
})

describe('--out', () => {
  test('writes one file a keyset and nothing to standard output', () => {
    const {exitCode, stdout, stderr} = project.inferno([
      'run',
      'clicks.per_site',
      '-i',
      'data',
      '--out',
      'results/today',
    ])
    expect({exitCode, stdout}).toEqual({exitCode: 0, stdout: ''})
    expect(readdirSync(project.path('results/today')).sort()).toEqual(['by_ad.csv', 'by_label.csv'])
    expect(project.read('results/today/by_ad.csv')).toBe(byAd)
    expect(stderr).toContain('wrote results/today/by_ad.csv\n')
  })

  test('into a file is refused and leaves it alone', () => {
    const {exitCode, stderr} = project.inferno(['run', 'clicks.per_site', '-i', 'data/a.ndjson', '-o', 'data/a.ndjson'])
    expect(exitCode).toBe(1)
    expect(stderr).toMatch(/^Error: cannot write data\/a\.ndjson: [^\n]+ is a file, not a folder\nHint: /)
  })

  test.skipIf(process.platform !== 'linux')('where no folder can be made ends with an error', () => {
    const {exitCode, stderr} = project.inferno(['run', 'clicks.total', '-i', 'data', '-o', '/proc/here/there'])
    expect(exitCode).toBe(1)
    expect(stderr).toMatch(/^Error: cannot write \/proc\/here\/there: /)
  })
})

test('--dry-run says what would be read and reads nothing', () => {
  const {exitCode, stdout, stderr} = project.inferno(['run', 'clicks.per_site', '-i', 'data', '--dry-run'])
  expect({exitCode, stderr}).toEqual({exitCode: 0, stderr: ''})
  expect(stdout).toMatch(/rule +clicks\.per_site\n/)
  expect(stdout).toMatch(/data\/a\.ndjson +\d+ B\n/)
  expect(stdout).toMatch(/keyset +by_ad: ad, site, count, price\n/)
})

test('--sample reads only the first records', () => {
  const {stdout, stderr} = project.inferno(['run', 'clicks.total', '-i', 'data', '--sample', '2'])
  expect(stdout).toBe('price\n0.3\n')
  expect(stderr).toMatch(/^in 2 = used 2 /)
})

describe('--json', () => {
  test('prints rows, account and timing', () => {
    const {stdout, stderr} = project.inferno(['run', 'clicks.per_site.by_ad', '-i', 'data', '--json'])
    expect(stderr).toBe('')
    expect(JSON.parse(stdout)).toMatchObject([
      {
        rule: 'clicks.per_site',
        keysets: {
          by_ad: {
            columns: ['ad', 'site', 'count', 'price'],
            rows: [
              ['0', 'b.com', 1, 1],
              ['11', 'a.com', 2, 0.3],
            ],
          },
        },
        rowCounts: {by_ad: 2},
        account: {in: 4, used: 3, filtered: 1, bad: 0},
        threads: 1,
      },
    ])
  })

  test('prints an error as an object', () => {
    const {exitCode, stdout, stderr} = project.inferno(['run', 'clicks', '-i', 'none', '--json'])
    expect({exitCode, stderr}).toEqual({exitCode: 2, stderr: ''})
    expect(JSON.parse(stdout)).toMatchObject({error: {code: 'INPUT_NOT_FOUND', message: 'there is no input none'}})
  })
})

describe('parameters', () => {
  const labelRow = (...args: string[]): string =>
    project.inferno(['run', 'clicks.per_site.by_label', '-i', 'data', '-q', ...args]).stdout.split('\n')[1] ?? ''

  beforeAll(() => {
    project.write('settings.yaml', 'params: {label: settings}\n')
    project.write('params.yaml', 'label: file\n')
    project.write('lines.txt', 'one\ntwo\nthree')
  })

  test('win in the order rule, settings, file, command line', () => {
    expect(labelRow()).toBe('rule,string,0,4')
    const settings = ['-e', 'settings.yaml']
    expect(labelRow(...settings)).toBe('settings,string,0,4')
    expect(labelRow(...settings, '-l', 'params.yaml')).toBe('file,string,0,4')
    expect(labelRow(...settings, '-P', 'label=cli', '-l', 'params.yaml')).toBe('cli,string,0,4')
    expect(labelRow('-P', 'label=first', '-P', 'label=second')).toBe('second,string,0,4')
  })

  test('keep the type that the rule declares, and a data file gives its lines', () => {
    expect(labelRow('-P', 'label=7')).toBe('7,string,0,4')
    expect(labelRow('-P', 'label=007')).toBe('007,string,0,4')
    expect(labelRow('-P', 'label=[1, 2]')).toBe('"[1,2]",object,0,4')
    expect(labelRow('-P', 'label: true')).toBe('true,string,0,4')
    expect(labelRow('--data-file', 'lines.txt')).toBe('rule,string,3,4')
  })

  test.each([
    [['-P', 'label'], /is not a mapping/],
    [['-P', 'label=[1'], /the value of -P label is not YAML/],
    [['-l', 'none.yaml'], /cannot read the parameter file none\.yaml/],
    [['--data-file', 'none.txt'], /cannot read the data file none\.txt/],
    [['-e', 'none.yaml'], /cannot read the settings file none\.yaml/],
  ])('%j is refused, exit status 2', (args, message) => {
    const {exitCode, stderr} = project.inferno(['run', 'clicks', '-i', 'data', ...args])
    expect(exitCode).toBe(2)
    expect(stderr).toMatch(message)
  })

  test('of a settings file with a misspelt name are refused, also when it is found at home', () => {
    project.write('.home/.inferno', 'paramz: {}\n')
    const {exitCode, stderr} = project.inferno(['run', 'clicks', '-i', 'data'])
    project.write('.home/.inferno', '')
    expect(exitCode).toBe(2)
    expect(stderr).toContain('there is no setting "paramz". Did you mean "params"?')
  })
})

test.each([
  [['--threads', '0'], /^Error: --threads: expected an integer greater than or equal to 1 but received: 0\nHint: /],
  [['--sample', 'x'], /^Error: --sample: expected an integer but received: x\nHint: /],
  [['--memory', '1'], /^Error: --memory 1 is too little\nHint: /],
  [['--memory', 'lots'], /^Error: --memory lots is not a size\nHint: /],
  [['--max-bad', 'few'], /^Error: --max-bad few is neither a number nor a share\nHint: /],
  [['--fromat', 'csv'], /^Error: there is no flag --fromat\nHint: did you mean --format\?/],
  [['more'], /^Error: more is one word too many; an input is named with --input more\nHint: /],
])('the wrong flag %j is refused in a sentence', (args, message) => {
  const {exitCode, stdout, stderr} = project.inferno(['run', 'clicks', '-i', 'data', ...args])
  expect({exitCode, stdout}).toEqual({exitCode: 2, stdout: ''})
  expect(stderr).toMatch(message)
})

test('a rule that is not named is asked for, also when something is piped in', () => {
  const {exitCode, stderr} = project.inferno(['run'], {input: '{"ad":1}\n'})
  expect(exitCode).toBe(2)
  expect(stderr).toMatch(/^Error: RULE is missing\nHint: [^\n]+\n$/)
})
