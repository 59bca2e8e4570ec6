/** `inferno test`: runs the examples that stand beside the rules and compares their rows. */
import {readFileSync, writeFileSync} from 'node:fs'
import {writeFile} from 'node:fs/promises'
import {availableParallelism} from 'node:os'
import {join} from 'node:path'
import {messageOf, UserError} from '../base/index.ts'
import {recordJson} from '../engine/index.ts'
import {compilePlan, type Params, type RuleExample} from '../rules/index.ts'
import {makeRunFolder, removeRunFolder, resolverOf} from '../worker/index.ts'
import {compareExample} from './examples/compare.ts'
import type {ExampleOutcome, KeysetOutcome} from './examples/outcome.ts'
import {undeclaredReads} from './examples/undeclared-reads.ts'
import {updateExampleSource} from './examples/update.ts'
import {type RuleTarget, runRule} from './run/index.ts'

export interface ExampleResult {
  readonly rule: string
  readonly file: string
  /** Index among the rule's examples, and its name when it has one. */
  readonly example: number
  readonly name: string | undefined
  readonly outcome: 'passed' | 'differs' | 'failed' | 'updated' | 'not updated'
  /** What differs or went wrong; safe to print. */
  readonly lines: readonly string[]
}

export interface TestSummary {
  readonly results: readonly ExampleResult[]
  readonly passed: number
  readonly failed: number
  /** Rules that have no examples. */
  readonly untested: readonly string[]
}

export interface TestOptions {
  readonly params: Params
  /** Write the rows that came out into the rule files. */
  readonly update: boolean
  readonly signal: AbortSignal
}

/** Memory for the groups of one example: they are small. */
const exampleMemoryBytes = 64 * 1024 * 1024

/**
 * Runs the examples one after another. What a rule does wrong is a result and not an error.
 *
 * @returns results in the order of the rules and their examples
 * @throws UserError INTERRUPTED, OUTPUT_FAILED when `update` cannot write a rule file
 */
export async function testRules(targets: readonly RuleTarget[], options: TestOptions): Promise<TestSummary> {
  const results: ExampleResult[] = []
  const untested: string[] = []
  // From the last to the first: an update moves the lines below it, and so the examples that come later.
  for (const target of [...targets].reverse()) {
    const examples = target.rule.options.examples ?? []
    if (examples.length === 0) untested.unshift(nameOf(target))
    for (const [index, example] of [...examples.entries()].reverse())
      results.unshift(await testExample(target, example, index, options))
  }
  const passed = results.filter(({outcome}) => outcome === 'passed' || outcome === 'updated').length
  return {results, passed, failed: results.length - passed, untested}
}

function nameOf({module, rule}: RuleTarget): string {
  return `${module.name}.${rule.options.name}`
}

async function testExample(
  target: RuleTarget,
  example: RuleExample,
  index: number,
  options: TestOptions,
): Promise<ExampleResult> {
  const result = {rule: nameOf(target), file: target.module.file, example: index, name: example.name}
  let outcome: ExampleOutcome
  try {
    outcome = await runExample(target, example, options)
  } catch (error) {
    if (!(error instanceof UserError) || error.code === 'INTERRUPTED') throw error
    return {...result, outcome: 'failed', lines: [error.message, ...(error.hint === undefined ? [] : [error.hint])]}
  }
  const reads = undeclaredReadsOf(target, example, options.params)
  const lines = [...compareExample(example, outcome), ...reads]
  if (lines.length === 0) return {...result, outcome: 'passed', lines: []}
  // New rows would not help with that.
  if (reads.length > 0) return {...result, outcome: 'failed', lines}
  if (!options.update) return {...result, outcome: 'differs', lines}
  return {...result, ...update(target, example, index, outcome)}
}

function undeclaredReadsOf({rule, module}: RuleTarget, example: RuleExample, params: Params): readonly string[] {
  const {plan} = compilePlan(rule, {module: module.name})
  const all = {...rule.options.params, ...params, ...example.params}
  return undeclaredReads(plan, all, resolverOf(rule), inputText(example))
}

async function runExample(
  target: RuleTarget,
  example: RuleExample,
  {params, signal}: TestOptions,
): Promise<ExampleOutcome> {
  const folder = makeRunFolder()
  try {
    const path = join(folder, 'example')
    await writeFile(path, inputText(example))
    const run = await runRule(
      {
        rule: target.rule,
        module: target.module.name,
        keyset: target.keyset,
        address: {file: target.module.file, path: [target.index]},
      },
      {
        inputs: [path],
        params: {...params, ...example.params},
        threads: availableParallelism(),
        memoryBytes: exampleMemoryBytes,
        signal,
      },
    )
    try {
      return {keysets: keysetOutcomes(run), bad: run.account().bad}
    } finally {
      run.close()
    }
  } finally {
    removeRunFolder(folder)
  }
}

function inputText({input}: RuleExample): string {
  if (typeof input === 'string') return input
  return input.map(line => `${typeof line === 'string' ? line : recordJson(line)}\n`).join('')
}

function keysetOutcomes(run: Awaited<ReturnType<typeof runRule>>): KeysetOutcome[] {
  const rows = Map.groupBy(run.rows(), row => row.keyset)
  return run.headers.map(({name, columns, keyCount}) => ({
    keyset: name,
    columns,
    keyCount,
    rows: (rows.get(name) ?? []).map(row => [...row.key, ...row.values]),
  }))
}

function update(
  {module, rule}: RuleTarget,
  example: RuleExample,
  index: number,
  outcome: ExampleOutcome,
): Pick<ExampleResult, 'outcome' | 'lines'> {
  const line = rule.definedAt?.line ?? 1
  // The file may have changed through the update of a later example.
  const updated = updateExampleSource(readFileSync(module.file, 'utf8'), {line, exampleIndex: index, example, outcome})
  if (!updated.isUpdated)
    return {outcome: 'not updated', lines: [`${updated.reason}; put this there:`, ...updated.paste.split('\n')]}
  try {
    writeFileSync(module.file, updated.source)
  } catch (error) {
    throw new UserError('OUTPUT_FAILED', `cannot write ${module.file}: ${messageOf(error)}`, {cause: error})
  }
  return {outcome: 'updated', lines: [`rows written to ${module.file}`]}
}

/** `inferno test` for people. */
export function testText({results, passed, failed, untested}: TestSummary): string {
  const lines = results.flatMap(({rule, example, name, outcome, lines: details}) => [
    `${outcome === 'passed' ? 'ok    ' : outcome.padEnd(6)} ${rule}: ${name ?? `example ${example + 1}`}`,
    ...details.map(line => `       ${line}`),
  ])
  for (const rule of untested) lines.push(`none   ${rule} has no examples`)
  lines.push(`${passed} passed, ${failed} failed`)
  return `${lines.join('\n')}\n`
}
