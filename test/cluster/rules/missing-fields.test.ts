/** Fields that no record of any tag has, on a real cluster. */
import {afterAll, beforeAll, expect, test} from 'vitest'
import {DiscoProject} from '../../cli/disco-project.ts'

const project = new DiscoProject()

beforeAll(() => {
  project.write(
    'rules/sold.ts',
    `import {defineRule} from 'disco-inferno'
const base = {sourceTags: ['sold:']}
export const slip = defineRule({name: 'slip', ...base, keyParts: ['site'], valueParts: ['prise', 'rare', 'n']})
export const key = defineRule({name: 'key', ...base, keyParts: ['sit'], valueParts: ['n']})
const inner = defineRule({name: 'inner', ...base, keyParts: ['site'], valueParts: ['prise', 'n']})
export const chain = defineRule({name: 'chain', sourceTags: [inner], keyParts: ['site'], valueParts: ['prise', 'nn']})
export const mixed = defineRule({name: 'mixed', sourceTags: ['sold:', 'other:'], keyParts: ['site'], valueParts: ['n']})
export const twice = defineRule({name: 'twice', format: {type: 'csv', fields: 'header'}, sourceTags: ['table:'], keyParts: ['k'], valueParts: ['n']})
`,
  )
  project.startCluster()
  const lines = (rare: object) => [
    ...Array.from({length: 300}, () => ({site: 'a', price: 2, n: 1})),
    {site: 'b', ...rare},
  ]
  project.writeRecords('a.json', lines({}))
  project.writeRecords('b.json', lines({rare: 0}))
  for (const name of ['a', 'b'])
    expect(project.ddfs(['chunk', `sold:${name}`, project.path(`${name}.json`)])).toMatchObject({exitCode: 0})
  project.write('other.json', '{"place": "x"}\n{"place": "y"}\n{"place\n')
  project.write('twice.csv', 'k,n,n\na,1,2\n')
  expect(project.ddfs(['chunk', 'other:x', project.path('other.json')])).toMatchObject({exitCode: 0})
  expect(project.ddfs(['push', 'table:x', project.path('twice.csv')])).toMatchObject({exitCode: 0})
})

afterAll(async () => {
  const left = await project.stopCluster()
  project.close()
  expect(left).toEqual([])
})

test('a value that no record of any blob has is told, one that a single record has is not', () => {
  const {exitCode, stdout, stderr} = project.inferno(['run', 'sold.slip', '--format', 'csv'])
  expect({exitCode, stdout}).toEqual({exitCode: 0, stdout: 'site,prise,rare,n\na,0,0,600\nb,0,0,0\n'})
  expect(stderr).toContain(
    '  no record has "prise": column "prise" is 0 in all rows; is it "price"?\n  records have: site, price, n\n',
  )
  expect(stderr).not.toContain('"rare"')
})

test('a key that no record has is told with what records have', () => {
  const {stderr} = project.inferno(['run', 'sold.key', '--format', 'csv'])
  expect(stderr).toContain('records have no "sit"; is it "site"?\n  they have: site, price, n\n')
})

test('nothing is said to who asked for quiet', () => {
  expect(project.inferno(['run', 'sold.slip', '--format', 'csv', '-q']).stderr).toBe('')
})

test('in a chain each rule is told of by itself: the inner one of its records, the outer one of the rows that it reads', () => {
  const {stdout, stderr} = project.inferno(['run', 'sold.chain', '--format', 'csv'])
  expect(stdout).toBe('site,prise,nn\na,0,0\nb,0,0\n')
  expect(stderr).toContain('  sold.inner: no record has "prise": column "prise" is 0 in all rows; is it "price"?\n')
  expect(stderr).toContain('  no record has "nn": column "nn" is 0 in all rows; is it "n"?\n')
  expect(stderr).toContain('  records have: site, prise, n, _keyset\n')
})

test('a blob of which no record was used is told, in the report too', () => {
  const {stderr} = project.inferno(['run', 'sold.mixed', '--format', 'csv', '--report', project.path('report.json')])
  const told =
    /no record of (\S+) was used: 1 bad, 2 filtered\n {2}what is written in another way is for a run of its own\n/
  expect(stderr).toMatch(told)
  const {findings} = JSON.parse(project.read('report.json')) as {findings: unknown}
  const unused = {name: told.exec(stderr)?.[1], in: 3, bad: 1}
  expect(findings).toEqual([{rule: 'sold.mixed', unusedInputs: {count: 1, named: [unused]}}])
})

test('a table of tags whose header has a name twice is told of', () => {
  const {stdout, stderr} = project.inferno(['run', 'sold.twice', '--format', 'csv'])
  expect(stdout).toBe('k,n\na,2\n')
  expect(stderr).toContain('twice.csv has "n" more than once (the last one counts)\n')
  const result = JSON.parse(project.inferno(['run', 'sold.twice', '--json']).stdout) as [{report: {findings: unknown}}]
  expect(result[0].report.findings).toMatchObject([{rule: 'sold.twice', repeatedNames: {names: ['n']}}])
})
