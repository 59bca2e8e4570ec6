import {afterAll, afterEach, beforeAll, describe, expect, test} from 'vitest'
import {Project} from './inferno-project.ts'
import type {Outcome} from './launcher-run.ts'

let project: Project
beforeAll(() => {
  project = new Project()
  project.writeRecords(
    'x.ndjson',
    Array.from({length: 10}, (_, index) => ({x: index + 1})),
  )
})
afterEach(() => expect(project.leftovers()).toEqual([]))
afterAll(() => project.close())

let ruleCount = 0

/** Runs a rule file with this text; `defineRule` is imported. */
function runRule(source: string, ...args: string[]): Outcome {
  const name = `rule-${++ruleCount}`
  project.write(`one/${name}.ts`, `import {defineRule} from 'disco-inferno'\n${source}`)
  return project.inferno(['run', `one/${name}.ts`, '-i', 'x.ndjson', ...args])
}

const counted = (...options: string[]): string =>
  `export default defineRule({name: 'r', keyParts: ['x'], valueParts: ['count'], ${options.join(', ')}} as any)\n`

describe('a rule file', () => {
  test('may import its own modules and packages, and wait at its top', () => {
    project.write('one/words/key.ts', "export const key: string = 'x'\n")
    project.write('one/node_modules/shout/package.json', '{"name": "shout", "main": "index.cjs"}')
    project.write('one/node_modules/shout/index.cjs', "module.exports = text => text + '!'")
    const {exitCode, stdout} = runRule(
      `import {key} from './words/key.ts'
       import shout from 'shout'
       const later = await Promise.resolve(key)
       export default defineRule({name: 'r', keyParts: [later], fieldTransforms: {x: v => shout(v)}})`,
      '-q',
    )
    expect(exitCode).toBe(0)
    expect(stdout.split('\n').slice(0, 3)).toEqual(['x', '1!', '10!'])
  })

  test.each([
    ['a syntax error', 'export default defineRule({name: ', /rule-\d+\.ts/],
    ['an enum', `enum Colour {Red}\n${counted()}`, /Hint: rule files are run with their types stripped/],
    [
      'an import that disco-inferno does not have',
      `import {summ} from 'disco-inferno'\n${counted()}`,
      /rule-\d+\.ts:2\n[\s\S]*Hint: disco-inferno has no "summ"; it has: /,
    ],
    ['a package that is not there', `import 'no-such-package'\n${counted()}`, /Hint: import files with their ending/],
    ['an error at its top', "throw new Error('on purpose')", /on purpose\n {2}at [^\n]*rule-\d+\.ts:2:/],
    ['no rule', 'export const nothing = 1', /exports no rule\nHint: export what defineRule returns/],
    [
      'two rules of one name',
      `export const a = defineRule({name: 'a', keyParts: ['x']})
export const b = defineRule({name: 'a', keyParts: ['x']})`,
      /two rules are called "a" \(lines 2 and 3\)/,
    ],
  ])('with %s is refused without a stack', (_, source, message) => {
    const {exitCode, stdout, stderr} = runRule(source)
    expect({exitCode, stdout}).toEqual({exitCode: 1, stdout: ''})
    expect(stderr).toMatch(message)
    expect(stderr).not.toMatch(/\n {4}at /)
  })
})

describe('an option', () => {
  test.each([
    [
      'misspelt',
      "export default defineRule({\n  name: 'r',\n  keyPartz: ['x'],\n} as any)",
      /rule-\d+\.ts:4 {2}keyPartz: unknown option; did you mean "keyParts"\?/,
    ],
    ['in snake case', counted('field_transforms: {}'), /Inferno's field_transforms is called fieldTransforms here/],
    [
      'of the rule beside keysets',
      counted("keysets: {a: {keyParts: ['x']}}"),
      /expected it inside a keyset, found keyParts beside keysets/,
    ],
    ['that became obsolete', counted('nuke: true'), /nuke/],
  ])('%s is refused with file and line', (_, source, message) => {
    const {exitCode, stdout, stderr} = runRule(source)
    expect({exitCode, stdout}).toEqual({exitCode: 1, stdout: ''})
    expect(stderr).toMatch(/^Error: the rule "r" cannot be used as it is written\n/)
    expect(stderr).toMatch(message)
  })

  test('that is wrong is an object with --json', () => {
    const {exitCode, stdout} = runRule(counted('nuke: true'), '--json')
    expect(exitCode).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({error: {code: 'BAD_RULE'}})
  })
})

describe('a hook that throws', () => {
  const thrower = "function boom(parts) { if (parts.x === 7) throw new Error('seven'); return parts }"

  test('in the preprocess costs its record, and is named with file, line and record', () => {
    const {exitCode, stdout, stderr} = runRule(counted(`partsPreprocess: [${thrower}]`))
    expect(exitCode).toBe(0)
    expect(stdout).not.toContain('7,1')
    expect(stdout.split('\n')).toHaveLength(11)
    expect(stderr).toMatch(/^in 10 = used 9 \+ filtered 0 \+ bad 1 /)
    expect(stderr).toMatch(/x\.ndjson:7 {2}hook threw: partsPreprocess\[0\] \(boom\): [^\n]*seven\n {4}\{"x":7\}/)
  })

  test('in a transform costs its part', () => {
    const {exitCode, stderr} = runRule(
      counted("fieldTransforms: {x: v => { if (v === 8) throw new Error('eight'); return v }}"),
    )
    expect(exitCode).toBe(0)
    expect(stderr).toMatch(/fieldTransforms\.x[^\n]* failed once: [^\n]*eight\n {2}first at x\.ndjson:8\n {4}\{"x":8\}/)
  })

  test('in a keyset costs the part there only', () => {
    const {stdout} = runRule(
      `export default defineRule({name: 'r', keysets: {
         a: {keyParts: ['x'], partsPreprocess: [() => { throw new Error('no') }]},
         b: {valueParts: ['count']},
       }})`,
      '-q',
    )
    expect(stdout).toBe('count\n10\n')
  })

  test('in a postprocessor costs its row', () => {
    const {exitCode, stdout, stderr} = runRule(
      counted(
        "partsPostprocess: [(key, values) => { if (key[1] === '3') throw new Error('three'); return [[key, values]] }]",
      ),
    )
    expect(exitCode).toBe(0)
    expect(stdout.split('\n')).toHaveLength(11)
    expect(stderr).toContain('three')
  })

  test('on every record leaves nothing, and says so', () => {
    const {exitCode, stdout, stderr} = runRule(counted("partsPreprocess: [() => { throw new Error('no') }]"))
    expect({exitCode, stdout}).toEqual({exitCode: 0, stdout: ''})
    expect(stderr).toContain('a preprocessor threw on every record')
  })

  test.each(['ruleInitFunction', 'mapInitFunction', 'reduceInitFunction'])('in %s ends the run', hook => {
    const {exitCode, stdout, stderr} = runRule(counted(`${hook}: () => { throw new Error('no start') }`))
    expect({exitCode, stdout}).toEqual({exitCode: 1, stdout: ''})
    expect(stderr).toMatch(new RegExp(`^Error: ${hook}[^\n]* failed[^\n]*: [^\n]*no start`))
    expect(stderr).not.toMatch(/\n {4}at /)
  })

  test('in the result processor ends the run', () => {
    const {exitCode, stderr} = runRule(counted("resultProcessor: () => { throw new Error('no database') }"))
    expect(exitCode).toBe(1)
    expect(stderr).toMatch(/Error: resultProcessor of [^\n]+ failed: no database\nHint: /)
  })
})

test('a preprocessor that gives nothing ends the run with what it may give', () => {
  const {exitCode, stdout, stderr} = runRule(counted('partsPreprocess: [parts => { parts.y = 1 }]'))
  expect({exitCode, stdout}).toEqual({exitCode: 1, stdout: ''})
  expect(stderr).toMatch(
    /partsPreprocess\[0\][^\n]* gave nothing instead of a part[\s\S]*Hint: yield the parts that go on/,
  )
})

describe('the result processor', () => {
  const collecting = counted(
    `resultProcessor: async rows => { for await (const [key, values] of rows) console.log(key.join('|'), values.join('|')) }`,
  )

  test('gets the rows instead of standard output', () => {
    expect(runRule(collecting).stdout.split('\n').slice(0, 2)).toEqual(['_default|1 1', '_default|10 1'])
  })

  test('gives way to --format and --out', () => {
    expect(runRule(collecting, '--format', 'csv').stdout.split('\n')[0]).toBe('x,count')
    expect(runRule(collecting, '--out', 'results')).toMatchObject({exitCode: 0, stdout: ''})
    expect(project.read('results/_default.csv').split('\n')[1]).toBe('1,1')
  })

  test('that is null leaves the rows nowhere and says so', () => {
    const {exitCode, stdout, stderr} = runRule(counted('resultProcessor: null'))
    expect({exitCode, stdout}).toEqual({exitCode: 0, stdout: ''})
    expect(stderr).toContain('resultProcessor: null')
  })
})

test('a rule among the sources runs first and its rows are records', () => {
  const {exitCode, stdout, stderr} = runRule(
    `const inner = defineRule({name: 'inner', keyParts: ['x'], valueParts: ['count']})
     export default defineRule({name: 'outer', sourceTags: [inner], valueParts: ['count', 'x']})`,
  )
  expect({exitCode, stdout}).toEqual({exitCode: 0, stdout: 'count,x\n10,55\n'})
  expect(stderr).toContain('inner, a source of the rule')
})

test('custom map and reduce functions are used', () => {
  const {stdout} = runRule(
    `export default defineRule({
       name: 'words',
       keyParts: ['parity'],
       valueParts: ['n'],
       mapFunction: function* (parts) { yield [['_default', parts.x % 2 ? 'odd' : 'even'], [parts.x]] },
     } as any)`,
    '-q',
  )
  expect(stdout).toBe('parity,n\neven,30\nodd,25\n')
})
