/** `inferno test`: finds the rules that are meant, runs their examples, once or whenever a rule changes. */
import {UserError} from '../base/index.ts'
import {
  findRules,
  type RuleTarget,
  ruleFilesIn,
  rulePathOf,
  type TestSummary,
  testRules,
  testText,
  watchUntilStopped,
} from '../project/index.ts'
import {interruptSignal} from './interrupt-signal.ts'
import {parametersOf, type RuleFlags} from './rule-targets.ts'

export interface RunTestsFlags extends RuleFlags {
  readonly update: boolean
  readonly watch: boolean
  readonly json?: boolean | undefined
}

/**
 * @param reference - none: all rules of the folder
 * @returns undefined after `--watch`
 * @throws UserError EXAMPLES_DIFFER; with `--json` the exit status says it instead
 */
export async function runTests(reference: string | undefined, flags: RunTestsFlags): Promise<TestSummary | undefined> {
  const {params} = await parametersOf(flags)
  const directory = flags['rules-directory']
  const runOnce = async (): Promise<{summary: TestSummary; targets: readonly RuleTarget[]}> => {
    const targets = reference === undefined ? await allRules(directory) : await findRules(reference, directory)
    const {signal, release} = interruptSignal('interrupted; nothing was written')
    try {
      const summary = await testRules(targets, {params, update: flags.update, signal})
      if (!flags.json) process.stdout.write(testText(summary))
      return {summary, targets}
    } finally {
      release()
    }
  }
  if (flags.watch) {
    await watchUntilStopped({
      run: async () => (await runOnce()).targets.flatMap(({module}) => module.modulesRead),
      ruleFiles: async () => [(reference && rulePathOf(reference)?.path) || directory],
      inputs: [],
    })
    return undefined
  }
  const {summary} = await runOnce()
  if (summary.failed > 0) {
    if (flags.json) process.exitCode = 1
    else
      throw new UserError('EXAMPLES_DIFFER', `${summary.failed} of ${summary.results.length} examples differ`, {
        hint: 'if the new rows are right: inferno test --update',
      })
  }
  return summary
}

async function allRules(directory: string): Promise<RuleTarget[]> {
  const targets: RuleTarget[] = []
  for (const file of ruleFilesIn(directory)) targets.push(...(await findRules(file, directory)))
  return targets
}
