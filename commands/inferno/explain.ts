import {Args} from '@oclif/core'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {ruleFlags} from '../../src/cli/run-flags.ts'

export default class Explain extends BaseCommand {
  static override summary = 'Show what a rule does, step by step, and what runs it'
  static override examples = [
    '<%= config.bin %> inferno explain clicks.by_site',
    '<%= config.bin %> inferno explain rules/clicks.ts --json',
  ]
  static override args = {
    rule: Args.string({description: 'MODULE[.RULE[.KEYSET]] or PATH.ts[:RULE[.KEYSET]]', required: true}),
  }
  static override flags = {'rules-directory': ruleFlags['rules-directory'], settings: ruleFlags.settings}

  async run(): Promise<unknown> {
    const {args, flags} = await this.parse(Explain)
    const [{loadSettings}, {targetsOf}, {explainRule, explainText}] = await Promise.all([
      import('../../src/client/index.ts'),
      import('../../src/cli/run-rules.ts'),
      import('../../src/cli/rule-tools.ts'),
    ])
    const explanations = (await targetsOf(args.rule, flags, await loadSettings(flags.settings))).map(explainRule)
    if (!flags.json) process.stdout.write(explanations.map(explainText).join('\n'))
    return explanations
  }
}
