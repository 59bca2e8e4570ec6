import {spawnSync} from 'node:child_process'
import {globSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, expect, test} from 'vitest'
import {projectRoot} from './launcher-run.ts'

const types = join(projectRoot, 'dist/types')

/** A project of somebody else: no packages, no settings that would hide errors in our declarations. */
let dir = ''
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'launcher-types-'))
  const compilerOptions = {
    target: 'esnext',
    module: 'nodenext',
    lib: ['esnext'],
    types: [],
    strict: true,
    noEmit: true,
    paths: {
      'disco-inferno': [join(types, 'src/api.d.ts')],
      'disco-inferno/local': [join(types, 'src/local.d.ts')],
    },
  }
  writeFileSync(join(dir, 'tsconfig.json'), JSON.stringify({compilerOptions, include: ['rule.ts']}))
})
afterAll(() => rmSync(dir, {recursive: true}))

function problemsOf(rule: string): string {
  writeFileSync(join(dir, 'rule.ts'), rule)
  const result = spawnSync(join(projectRoot, 'node_modules/.bin/tsc'), ['-p', dir], {encoding: 'utf8'})
  return result.stdout
}

test('the declarations of the library name nothing but each other', () => {
  const files = globSync('**/*.d.ts', {cwd: types})
  expect(files).toContain('src/api.d.ts')
  expect(files).toContain('src/local.d.ts')
  const named = files.flatMap(file => {
    const text = readFileSync(join(types, file), 'utf8')
    return [...text.matchAll(/(?:from |import\()['"]([^'"]+)['"]/g)].map(match => `${file}: ${match[1]}`)
  })
  // The library's own documentation may show its name.
  expect(named.filter(name => !/: (\.|disco-inferno(\/local)?$)/.test(name))).toEqual([])
})

test('a rule is checked against them without any package', () => {
  const rule = (option: string): string => `import {defineRule, sum, toInt} from 'disco-inferno'
export default defineRule({name: 'a', ${option}: ['x'], valueParts: {r: sum('p')}, fieldTransforms: {x: toInt}})`
  expect(problemsOf(rule('keyParts'))).toBe('')
  expect(problemsOf(rule('keyPartz'))).toMatch(/'keyPartz' does not exist/)
})

test('a job that is run in this process is checked against them, too', () => {
  const job = (counter: string): string => `import {defineJob} from 'disco-inferno'
import {runLocally} from 'disco-inferno/local'
const job = defineJob({name: 'a', map: line => [[line, 1]]})
export async function ${counter}(): Promise<number> {
  using done = await runLocally(job, [{name: 'text', content: 'x'}])
  return done.counters['lines'] ?? 0
}`
  expect(problemsOf(job('lines'))).toBe('')
  expect(problemsOf(job('lines').replace('runLocally(job,', 'runLocally({},'))).toMatch(/not assignable|missing/)
})
