import {Args, Flags} from '@oclif/core'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {inputFlags, ruleFlags} from '../../src/cli/run-flags.ts'

export default class Trace extends BaseCommand {
  static override summary = 'Show every step of one record through a rule'
  static override examples = ['<%= config.bin %> inferno trace clicks.by_site --input logs/a.json --line 42']
  static override args = {
    rule: Args.string({description: 'MODULE.RULE or PATH.ts:RULE', required: true}),
  }
  static override flags = {
    ...inputFlags,
    ...ruleFlags,
    line: Flags.integer({
      description: 'line of the input (of the decompressed text)',
      min: 1,
      default: 1,
      helpValue: 'N',
    }),
  }

  async run(): Promise<unknown> {
    const {args, flags} = await this.parse(Trace)
    const [{parametersOf, targetsOf}, {traceLine, traceText}] = await Promise.all([
      import('../../src/cli/rule-targets.ts'),
      import('../../src/cli/rule-tools.ts'),
    ])
    const {params} = await parametersOf(flags)
    const traces = []
    for (const target of await targetsOf(args.rule, flags))
      traces.push(await traceLine(target, flags.input ?? [], params, flags.line))
    if (!flags.json) process.stdout.write(traces.map(traceText).join('\n'))
    return traces
  }
}
