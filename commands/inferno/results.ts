import {Args, Flags} from '@oclif/core'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {clusterFlags} from '../../src/cli/cluster-flags.ts'
import {outputFlags, ruleFlags, sinkFlags} from '../../src/cli/run-flags.ts'

export default class Results extends BaseCommand {
  static override summary = 'Deliver the kept rows of a run once more'
  static override description =
    `To the rule's sink or resultProcessor, or where the flags say. Nothing is read again and nothing is archived.
Rows are kept of rules that say save: true or resultTag, and with --result-tag; the run says the name of its job.
A sink that has the batch already takes it as a repeat.`
  static override examples = [
    '<%= config.bin %> inferno results clicks.by_site@1f2e3d4c-5a6b7c8d --format csv',
    '<%= config.bin %> inferno results clicks.by_site@1f2e3d4c-5a6b7c8d',
  ]
  static override args = {job: Args.string({description: 'MODULE.RULE@STAMP', required: true})}
  static override flags = {
    ...ruleFlags,
    ...outputFlags,
    ...sinkFlags,
    quiet: Flags.boolean({char: 'q', description: 'print nothing but rows and errors'}),
    ...clusterFlags,
  }

  async run(): Promise<unknown> {
    const {args, flags} = await this.parse(Results)
    const {deliverKept} = await import('../../src/cli/deliver-kept.ts')
    return deliverKept(args.job, flags)
  }
}
