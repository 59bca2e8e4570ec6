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
