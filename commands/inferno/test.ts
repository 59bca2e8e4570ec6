import {Args, Flags} from '@oclif/core'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {ruleFlags} from '../../src/cli/run-flags.ts'

export default class Test extends BaseCommand {
  static override summary = 'Run the examples that stand beside the rules'
  static override description =
    'An example is input lines and the rows they should give. Exit status 1 when a row differs.'
  static override examples = [
    '<%= config.bin %> inferno test',
    '<%= config.bin %> inferno test clicks.by_site --update',
    '<%= config.bin %> inferno test --watch',
  ]
  static override args = {
    rule: Args.string({description: 'MODULE[.RULE] or PATH.ts[:RULE]; without it, all rules of the folder'}),
  }
  static override flags = {
    ...ruleFlags,
    update: Flags.boolean({char: 'u', description: 'write the rows that came out into the rule files'}),
    watch: Flags.boolean({char: 'w', description: 'run again whenever a rule changes'}),
  }

  async run(): Promise<unknown> {
    const {args, flags} = await this.parse(Test)
    const {runTests} = await import('../../src/cli/run-tests.ts')
    return runTests(args.rule, flags)
  }
}
