/** Works, specs and files for tasks of rules that a test runs in its own thread. */
import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {serialize} from 'node:v8'
import {afterAll} from 'vitest'
import {assertRule, compilePlan, defineRule, type RuleOptions} from '../../../../src/rules/index.ts'
import type {RuleStage, RuleWork, TaskInput, TaskSpec} from '../../../../src/worker/index.ts'

export const folder = mkdtempSync(join(tmpdir(), 'rule-tasks-'))
afterAll(() => rmSync(folder, {recursive: true, force: true}))
let made = 0

export function newFolder(): string {
  const path = join(folder, String(made++))
  mkdirSync(path)
  return path
}

export function fileOf(content: string | Uint8Array): string {
  const path = join(newFolder(), 'input')
  writeFileSync(path, content)
  return path
}

export function workOf(options: Omit<RuleOptions, 'name'>, more: Partial<RuleWork> = {}): RuleWork {
  const rule = defineRule({name: 'tested', ...options} as RuleOptions)
  assertRule(rule)
  return {
    plan: compilePlan(rule, {module: 'm'}).plan,
    params: serialize({}).toString('base64'),
    engine: 'auto',
    memoryBytes: 2 ** 26,
    keepsBad: true,
    badMax: null,
    usesCache: true,
    allowsMissing: false,
    rowsMachine: null,
    address: null,
    cacheKey: 'ab'.repeat(32),
    ...more,
  }
}

export const scanOf = (name: string, more: Partial<Extract<RuleStage, {type: 'scan'}>> = {}): RuleStage => ({
  type: 'scan',
  input: {name, addresses: ['blob://x']},
  blob: null,
  localBlobs: {},
  cacheFolder: null,
  ...more,
})

export const specOf = (rule: RuleStage, replicas: readonly (readonly string[])[]): TaskSpec => ({
  job: 'm.tested@1',
  stage: rule.type === 'merge' ? 1 : 0,
  task: 0,
  run: 1,
  node: 'n1',
  label: 0,
  inputs: replicas.map((some, number): TaskInput => ({number, label: 0, replicas: some})),
  folder: newFolder(),
  rule,
})
