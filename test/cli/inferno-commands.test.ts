import {existsSync, readdirSync} from 'node:fs'
import {afterAll, afterEach, beforeAll, describe, expect, test} from 'vitest'
import {Project} from './inferno-project.ts'
import {projectRoot} from './launcher-run.ts'

let project: Project
beforeAll(() => {
  project = new Project()
})
afterEach(() => expect(project.leftovers()).toEqual([]))
afterAll(() => project.close())

const allTemplates = readdirSync(`${projectRoot}/templates`).sort()
/** Of rules; those of jobs need a cluster to run. */
const templates = allTemplates.filter(name => existsSync(`${projectRoot}/templates/${name}/template.json`))

describe('init', () => {
  test('lists the templates', () => {
    expect(
      project
        .inferno(['init', '--list'])
        .stdout.trimEnd()
        .split('\n')
        .map(line => line.split(' ')[0]),
    ).toEqual(allTemplates)
  })

  test.each(templates)('%s gives a project that tests, explains and runs', template => {
    const made = project.inferno(['init', `p/${template}`, '--template', template])
    expect(made).toMatchObject({exitCode: 0, stderr: ''})
    const commands = made.stdout.split('next:\n')[1]!.trim().split('\n').slice(1)
    expect(commands.length).toBeGreaterThan(1)
    const {exitCode, stdout, stderr} = project.shell(`cd "p/${template}"; set -e\n${commands.join('\n')}`)
    expect(exitCode, stderr).toBe(0)
    expect(stdout).toMatch(/\d+ passed, 0 failed\n/)
    const listed = project.inferno(['rules'], {cwd: project.path(`p/${template}`)})
    expect(listed.exitCode).toBe(0)
    // Behind the name: what is special about it.
    const [rule] = listed.stdout.split(/\s/)
    expect(project.inferno(['explain', rule!], {cwd: project.path(`p/${template}`)})).toMatchObject({exitCode: 0})
  })

  test.each([
    [['p'], 1, /^Error: \S+\/p is not empty\nHint: /],
    [[], 2, /^Error: name the new folder\nHint: /],
    [['q', '-t', 'elction'], 2, /Did you mean "election"\?\nHint: templates: /],
    [['full.txt'], 1, /^Error: \S+\/full\.txt is not a folder\nHint: /],
    [['full.txt/q'], 1, /full\.txt\/q/],
  ])('%j is refused', (args, status, message) => {
    project.write('p/something', '')
    project.write('full.txt', '')
    const {exitCode, stdout, stderr} = project.inferno(['init', ...args])
    expect({exitCode, stdout}).toEqual({exitCode: status, stdout: ''})
    expect(stderr).toMatch(message)
    expect(project.has('q')).toBe(false)
  })

  test.skipIf(process.platform !== 'linux')('where no folder can be made ends with the reason', () => {
    const {exitCode, stderr} = project.inferno(['init', '/proc/rules'])
    expect(exitCode).toBe(1)
    expect(stderr).toMatch(/^Error: cannot write the project to \/proc\/rules: ENOENT/)
  })
})

describe('test', () => {
  const ruleText = (rows: string): string => `import {defineRule} from 'disco-inferno'
export default defineRule({
  name: 'r',
  keyParts: ['x'],
  valueParts: ['count'],
  examples: [{name: 'two of a kind', input: ['{"x":"a"}', '{"x":"a"}', '{"x":"b"}'], rows: ${rows}}],
})
`

  test('passes when the rows agree', () => {
    project.write('good/r.ts', ruleText("[['a', 2], ['b', '1']]"))
    expect(project.inferno(['test', '-y', 'good'])).toEqual({
      exitCode: 0,
      stdout: 'ok     r.r: two of a kind\n1 passed, 0 failed\n',
      stderr: '',
    })
  })

  test('shows the difference and ends with 1; --update writes the rows that came out', () => {
    project.write('wrong/r.ts', ruleText("[['a', 3], ['c', 1]]"))
    const differs = project.inferno(['test', '-y', 'wrong'])
    expect(differs.exitCode).toBe(1)
    expect(differs.stdout).toMatch(/differs r\.r: two of a kind\n/)
    expect(differs.stdout).toContain('0 passed, 1 failed\n')
    expect(differs.stderr).toMatch(/^Error: 1 of 1 examples differ\nHint: /)

    expect(project.inferno(['test', '-y', 'wrong', '--update']).exitCode).toBe(0)
    expect(project.inferno(['test', '-y', 'wrong'])).toMatchObject({exitCode: 0})
    expect(project.read('wrong/r.ts')).toMatch(/'a', '?2'?/)
  })

  test('tells rules without examples, and takes one rule by name', () => {
    project.write(
      'none/plain.ts',
      "import {defineRule} from 'disco-inferno'\nexport default defineRule({name: 'n', keyParts: ['x']})\n",
    )
    const {exitCode, stdout} = project.inferno(['test', 'plain.n', '-y', 'none'])
    expect({exitCode, stdout}).toEqual({exitCode: 0, stdout: 'none   plain.n has no examples\n0 passed, 0 failed\n'})
  })

  test('is an object with --json, also when rows differ', () => {
    project.write('json/r.ts', ruleText("[['a', 3]]"))
    const {exitCode, stdout} = project.inferno(['test', '-y', 'json', '--json'])
    expect(exitCode).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({passed: 0, failed: 1, results: [{rule: 'r.r', outcome: 'differs'}]})
  })
})

describe('trace', () => {
  beforeAll(() => {
    project.write(
      'traced/r.ts',
      `import {defineRule, toInt, where} from 'disco-inferno'
export default defineRule({
  name: 'r', partsPreprocess: [where('n > 1')], fieldTransforms: {id: toInt}, keyParts: ['id'], valueParts: ['count', 'n'],
})`,
    )
    project.write('traced.ndjson', '{"id":"007","n":2}\n{"id":1,"n":1}\n{"id":\n\n')
  })
  const trace = (...args: string[]): ReturnType<Project['inferno']> =>
    project.inferno(['trace', 'traced/r.ts', '-i', 'traced.ndjson', ...args])

  test('shows every step of a record', () => {
    const {exitCode, stdout} = trace()
    expect(exitCode).toBe(0)
    expect(stdout).toContain('r.r  traced.ndjson:1\n')
    expect(stdout).toContain('id: "007" → 7')
    expect(stdout).toMatch(/key +"7"/)
  })

  test('says where a record ends, and why a line is none', () => {
    expect(trace('--line', '2').stdout).toContain('filtered out')
    expect(trace('--line', '3').stdout).toContain('no record: not JSON')
    expect(trace('--line', '99')).toMatchObject({exitCode: 2})
  })

  test('is an object with --json', () => {
    expect(JSON.parse(trace('--json').stdout)).toMatchObject([{rule: 'r.r', line: 1}])
  })
})

describe('infer', () => {
  test('prints fields to people and a rule that runs', () => {
    project.writeRecords(
      'log.ndjson',
      Array.from({length: 50}, (_, index) => ({
        time: 1330930800000 + index * 1e6,
        site: `s${index % 3}.com`,
        price: index / 10,
      })),
    )
    const {exitCode, stdout, stderr} = project.inferno(['infer', 'log.ndjson'])
    expect(exitCode).toBe(0)
    expect(stderr).toMatch(/^log\.ndjson, [\d.]+ kB: json; 50 records\n/)
    expect(stderr).toMatch(/ {2}time +timestamp \(ms\) +50 different/)
    project.write('inferred/log.ts', stdout)
    const run = project.inferno(['run', 'inferred/log.ts', '-i', 'log.ndjson'])
    expect(run.exitCode, run.stderr).toBe(0)
    expect(run.stdout).toContain('s0.com')
  })

  test('takes a pipe and refuses what holds no records', () => {
    expect(project.inferno(['infer', '-'], {input: '{"a":1}\n{"a":2}\n'})).toMatchObject({exitCode: 0})
    project.write('empty', '')
    expect(project.inferno(['infer', 'empty']).stderr).toBe(
      'Error: empty holds no record in the format json\nHint: the file is empty\n',
    )
    expect(project.inferno(['infer'], {input: '{"a":1}\n'})).toMatchObject({
      exitCode: 2,
      stderr: expect.stringMatching(/^Error: FILE is missing\n/),
    })
  })
})

test('explain shows steps, keys, values and header, and is data with --json', () => {
  project.write(
    'explained/r.ts',
    `import {day, defineRule, p95, sum, where} from 'disco-inferno'
export default defineRule({
  name: 'r', description: 'What it is for', partsPreprocess: [where('price > 0')],
  keysets: {by_day: {keyParts: [day('time'), 'site'], valueParts: {revenue: sum('price'), slow: p95('ms')}, columnMappings: {site: 'Site'}}},
})`,
  )
  const {exitCode, stdout} = project.inferno(['explain', 'explained/r.ts'])
  expect(exitCode).toBe(0)
  for (const part of [
    'What it is for',
    'price > 0',
    'keyset      by_day',
    'revenue = sum(price)',
    'header    day, Site, revenue, slow',
  ])
    expect(stdout).toContain(part)
  const {stdout: json} = project.inferno(['explain', 'explained/r.ts', '--json'])
  expect(JSON.parse(json)).toHaveLength(1)
})

describe('rules', () => {
  test('lists modules, and says what is wrong with those that are broken', () => {
    project.write(
      'mixed/good.ts',
      "import {defineRule} from 'disco-inferno'\nexport default defineRule({name: 'g', keyParts: ['x']})\n",
    )
    project.write('mixed/broken.ts', 'export default {{\n')
    project.write('mixed/.hidden.ts', 'nonsense(')
    const {exitCode, stdout} = project.inferno(['rules', '-y', 'mixed'])
    expect(exitCode).toBe(1)
    expect(stdout).toMatch(/^good\.g$/m)
    expect(stdout).toMatch(/broken/)
    expect(stdout).not.toContain('hidden')
  })

  test('of a folder that is not there tells how to make one', () => {
    expect(project.inferno(['rules', '-y', 'nowhere'])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringMatching(
        /^Error: there is no rules directory nowhere[^\n]*\nHint: make a rule project with: inferno init DIR/,
      ),
    })
  })
})
