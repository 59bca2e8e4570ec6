import {globSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {checkLayers} from './layers/check.ts'
import {type LayerRow, layers, type PurityException, purityExceptions} from './layers/table.ts'

const root = join(import.meta.dirname, '../..')

test('the sources keep to the layers', () => {
  const paths = globSync(['src/**/*.{ts,tsx}', 'commands/**/*.{ts,tsx}'], {cwd: root})
    // AssemblyScript is another language; what it imports it cannot take from outside its folder.
    .filter(path => !path.endsWith('.d.ts') && !path.includes('/assembly/'))
    .sort()
  const files = paths.map(path => ({path, text: readFileSync(join(root, path), 'utf8')}))
  expect(checkLayers(files, layers, purityExceptions)).toEqual([])
})

describe('the check', () => {
  const table: Record<string, LayerRow> = {
    base: {mayImport: [], isPure: true},
    rules: {mayImport: ['base'], isPure: true},
    engine: {mayImport: ['base', 'rules'], isPure: true},
    sinks: {mayImport: ['base'], mayImportTypes: ['engine'], isPure: false},
    commands: {mayImport: ['base', 'rules', 'engine', 'sinks'], mayReachInto: ['sinks'], isPure: false},
  }

  const problemsOf = (sources: Record<string, string>, exceptions: readonly PurityException[] = []): string[] =>
    checkLayers(
      Object.entries(sources).map(([path, text]) => ({path, text})),
      table,
      exceptions,
    )

  const pureProblemsOf = (text: string): string[] => problemsOf({'src/base/a.ts': text})

  test('accepts what the table allows', () => {
    const problems = problemsOf({
      'src/base/index.ts': `export * from './text.ts'`,
      'src/base/text.ts': `export const a = new Date(0).getTime() + Math.max(1, 2)`,
      'src/engine/index.ts': `import {a} from '../base/index.ts'\nimport {createHash} from 'node:crypto'\nexport {a, createHash}`,
      'src/sinks/csv.ts': `import {writeFileSync} from 'node:fs'\nimport type {Row} from '../engine/index.ts'`,
      'commands/inferno/run.ts': `import '../../src/engine/index.ts'`,
    })
    expect(problems).toEqual([])
  })

  test.each([
    ['an import', `import {a} from '../rules/index.ts'`],
    ['an import of a type', `import type {A} from '../rules/index.ts'`],
    ['an export from', `export {a} from '../rules/index.ts'`],
    ['an export of everything', `export * from '../rules/index.ts'`],
    ['a dynamic import', `export const load = () => import('../rules/index.ts')`],
    ['a type import in an expression', `export type A = import('../rules/index.ts').A`],
  ])('finds a wrong edge made by %s', (_, text) => {
    expect(pureProblemsOf(text)).toEqual([
      expect.stringMatching(/^src\/base\/a\.ts: base may not import (types of )?rules$/),
    ])
  })

  test('finds a value imported where only types are allowed', () => {
    expect(problemsOf({'src/sinks/a.ts': `import {Row} from '../engine/index.ts'`})).toEqual([
      'src/sinks/a.ts: sinks may not import engine',
    ])
    expect(problemsOf({'src/sinks/a.ts': `import {type Row} from '../engine/index.ts'`})).toEqual([])
  })

  test("finds an import past another module's index", () => {
    expect(problemsOf({'src/rules/a.ts': `import {a} from '../base/text.ts'`})).toEqual([
      'src/rules/a.ts: imports src/base/text.ts, not the index.ts of base',
    ])
  })

  test('lets a module reach into another where the table says so', () => {
    expect(problemsOf({'commands/inferno/run.ts': `import {a} from '../../src/sinks/csv.ts'`})).toEqual([])
    expect(problemsOf({'commands/inferno/run.ts': `import {a} from '../../src/base/text.ts'`})).toEqual([
      'commands/inferno/run.ts: imports src/base/text.ts, not the index.ts of base',
    ])
  })

  test('finds an import of commands from below', () => {
    expect(pureProblemsOf(`import '../../commands/inferno/run.ts'`)).toEqual([
      'src/base/a.ts: base may not import commands',
    ])
  })

  test('finds a module that is not in the table', () => {
    expect(problemsOf({'src/helpers/a.ts': ''})).toEqual([
      'src/helpers/a.ts: the module helpers is not in the layer table',
    ])
  })

  test('finds an import cycle between files of one module, and lets cycles of types be', () => {
    const b = `import './c.ts'`
    const c = `import './a.ts'`
    expect(problemsOf({'src/base/a.ts': `import './b.ts'`, 'src/base/b.ts': b, 'src/base/c.ts': c})).toEqual([
      'import cycle: src/base/a.ts, src/base/b.ts, src/base/c.ts',
    ])
    expect(
      problemsOf({'src/base/a.ts': `import type {B} from './b.ts'`, 'src/base/b.ts': b, 'src/base/c.ts': c}),
    ).toEqual([])
  })

  test.each([
    ['Date.now', 'export const now = () => Date.now()'],
    ['Date.now', 'export const now = Date.now'],
    ['new Date()', 'export const now = new Date()'],
    ['Date()', 'export const now = Date()'],
    ['Math.random', 'export const random = Math.random()'],
    ['localeCompare', `export const order = (a: string) => a.localeCompare('b')`],
    ['setTimeout', 'setTimeout(() => undefined, 1)'],
    ['setInterval', 'setInterval(() => undefined, 1)'],
    ['setImmediate', 'setImmediate(() => undefined)'],
    ['process', `export const home = process.env['HOME']`],
    ['performance', 'export const now = performance.now()'],
    ['fetch', `export const page = fetch('http://localhost')`],
    ['console', `console.log('x')`],
    ['crypto', 'export const id = crypto.randomUUID()'],
    ['node:fs', `import {readFileSync} from 'node:fs'`],
    ['node:fs/promises', `import * as fs from 'node:fs/promises'`],
    ['node:net', `import 'node:net'`],
    ['node:http', `export const load = () => import('node:http')`],
    ['node:child_process', `export {spawn} from 'node:child_process'`],
    ['node:crypto', `import {createHash, randomBytes} from 'node:crypto'`],
    ['node:crypto', `import crypt from 'node:crypto'`],
    ['chokidar', `import {watch} from 'chokidar'`],
  ])('finds %s in a pure module', (what, text) => {
    expect(pureProblemsOf(text)).toEqual([`src/base/a.ts: ${what} in the pure module base`])
  })

  test('takes properties, keys and types of the same names for what they are', () => {
    const text = `
      export interface Task {process: string; fetch(): void}
      export const task = {console: 1, process() {}}
      export const other = (value: Task) => value.process + value.fetch
      import type {Stats} from 'node:fs'`
    expect(pureProblemsOf(text)).toEqual([])
  })

  test('lets a documented exception pass and finds one that is not needed', () => {
    const exceptions = [{path: 'src/base/a.ts', allows: 'node:fs', reason: 'a test'}]
    expect(problemsOf({'src/base/a.ts': `import 'node:fs'`}, exceptions)).toEqual([])
    expect(problemsOf({'src/base/a.ts': `import 'node:fs'\nDate.now()`}, exceptions)).toEqual([
      'src/base/a.ts: Date.now in the pure module base',
    ])
    expect(problemsOf({'src/base/a.ts': ''}, exceptions)).toEqual([
      'src/base/a.ts: the exception for node:fs is not needed',
    ])
  })
})
