/** Rules over real files in a temporary folder, through threads where a rule has functions. */
import {mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import {afterAll} from 'vitest'
import type {Account} from '../../../src/engine/index.ts'
import {type RuleRun, type RunSettings, runRule} from '../../../src/project/run/index.ts'
import {assertRule, defineRule, type Rule, type RuleOptions} from '../../../src/rules/index.ts'
import {formatRows} from '../../../src/sinks/index.ts'
import {type BadLine, loadRuleModule} from '../../../src/worker/index.ts'

const folder = mkdtempSync(join(tmpdir(), 'test-runs-'))
// A place of its own for temporary files: other tests make theirs at the same time.
process.env['TMPDIR'] = mkdtempSync(join(folder, 'tmp-'))
afterAll(() => rmSync(folder, {recursive: true, force: true}))
let made = 0

/** A file with this content, under a name of its own. */
export function fileOf(content: string | Uint8Array, name = 'input'): string {
  const path = join(folder, String(made++), name)
  mkdirSync(dirname(path), {recursive: true})
  writeFileSync(path, content)
  return path
}

export interface Outcome {
  readonly csv: string
  readonly account: Account
  readonly badLines: readonly BadLine[]
  readonly threads: number
  readonly spilledBytes: number
}

export type Given = Partial<RunSettings>

/** A rule without functions. */
export function runPlain(
  options: Omit<RuleOptions, 'name'>,
  inputs: readonly string[],
  given: Given = {},
): Promise<Outcome> {
  const rule = defineRule({name: 'tested', ...options} as RuleOptions)
  assertRule(rule)
  return outcomeOf(startRun(rule, null, inputs, given))
}

/** The first rule of a rule file. */
export async function runFile(file: string, inputs: readonly string[], given: Given = {}): Promise<Outcome> {
  return outcomeOf(startFile(file, inputs, given))
}

export async function startFile(file: string, inputs: readonly string[], given: Given = {}): Promise<RuleRun> {
  const module = await loadRuleModule(file)
  return startRun(module.rules[0]!, file, inputs, given)
}

export function startRun(rule: Rule, file: string | null, inputs: readonly string[], given: Given): Promise<RuleRun> {
  return runRule(
    {rule, module: 'm', address: file === null ? null : {file, path: [0]}},
    {
      inputs,
      params: {},
      threads: 2,
      memoryBytes: 2 ** 27,
      keepsBad: true,
      signal: new AbortController().signal,
      ...given,
    },
  )
}

async function outcomeOf(started: Promise<RuleRun>): Promise<Outcome> {
  const run = await started
  try {
    const csv = [...formatRows('csv', run.headers, run.rows())].join('')
    return {
      csv,
      account: run.account(),
      badLines: [...run.badLines()],
      threads: run.threads,
      spilledBytes: run.spilledBytes,
    }
  } finally {
    run.close()
  }
}

/** A rule file; `body` goes into defineRule beside its name. */
export function ruleFile(body: string, before = ''): string {
  return fileOf(
    `import * as inferno from 'disco-inferno'\n${before}\nexport default inferno.defineRule({name: 'tested', ${body}})\n`,
    'rule.ts',
  )
}

/** Temporary folders of runs that are there now. */
export function runFolders(): string[] {
  return readdirSync(tmpdir()).filter(name => name.startsWith('disco-inferno-'))
}

/** Enough lines for several threads: `bytes` or a little more. */
export function manyLines(bytes: number, line: (index: number) => string): string {
  const lines: string[] = []
  for (let length = 0, index = 0; length < bytes; index++) {
    const text = `${line(index)}\n`
    lines.push(text)
    length += text.length
  }
  return lines.join('')
}
