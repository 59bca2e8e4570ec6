/** The declarations that are shipped: what a rule project of someone else compiles against. */
import {execFileSync} from 'node:child_process'
import {cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, expect, test} from 'vitest'
// @ts-expect-error a script of the build, which has no declarations
import {emitTypes} from '../../scripts/build/types.mjs'

const root = join(import.meta.dirname, '../..')
const tsc = join(root, 'node_modules/.bin/tsc')
const project = mkdtempSync(join(tmpdir(), 'rule-project-'))
const installed = join(project, 'node_modules/disco-inferno')

beforeAll(() => {
  mkdirSync(installed, {recursive: true})
  cpSync(join(root, 'package.json'), join(installed, 'package.json'))
  emitTypes(root, join(installed, 'dist/types'))
})
afterAll(() => rmSync(project, {recursive: true}))

test('they know nothing of the checker and its packages', () => {
  const files = globSync('dist/types/**/*.d.ts', {cwd: installed})
  expect(files).toContain('dist/types/src/api.d.ts')
  for (const file of files) expect(readFileSync(join(installed, file), 'utf8'), file).not.toMatch(/from 'zod/)
})

test('a rule project compiles against them with no other package installed', () => {
  writeFileSync(join(project, 'package.json'), '{"type": "module"}')
  writeFileSync(
    join(project, 'clicks.ts'),
    `import {day, defineRule, field, p95, sortedReduce, toInt, where} from 'disco-inferno'
export default defineRule({
  name: 'clicks',
  keyParts: ['ad_id', day('time')],
  valueParts: {slow: p95('ms')},
  fieldTransforms: {ad_id: toInt},
  partsPreprocess: [where(field('price').gt(1)), function* (parts, params) { yield {...parts, least: params['least']} }],
})
// @ts-expect-error a misspelt option
defineRule({name: 'a', keyPart: ['x'], reduceFunction: sortedReduce})
`,
  )
  const compilerOptions = {target: 'esnext', module: 'nodenext', strict: true, noEmit: true, types: []}
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({compilerOptions, files: ['clicks.ts']}))
  expect(() => execFileSync(tsc, ['-p', project], {encoding: 'utf8'})).not.toThrow()
})
