import {Args, Flags} from '@oclif/core'
import {BaseCommand} from '../../../src/cli/base-command.ts'
import {clusterFlags} from '../../../src/cli/cluster-flags.ts'
import {dayFlags, ruleFlags} from '../../../src/cli/run-flags.ts'

export default class ArchiveReset extends BaseCommand {
  static override summary = 'Forget what an archiving rule has done, so that it reads those blobs again'
  static override description =
    `Takes the blobs of the rule's source tags out of the archive tags; no data is deleted. Without --yes it only says what it would do.
A sink that has a batch already takes the very same batch as a repeat: empty its tables first, if the rows are to come anew.`
  static override examples = [
    '<%= config.bin %> inferno archive reset clicks.by_site --day 2026-11-22',
    '<%= config.bin %> inferno archive reset clicks.by_site --yes',
    '<%= config.bin %> inferno archive reset clicks.by_site --open --yes',
  ]
  static override args = {rule: Args.string({description: 'MODULE.RULE or PATH.ts[:RULE]', required: true})}
  static override flags = {
    'rules-directory': ruleFlags['rules-directory'],
    settings: ruleFlags.settings,
    ...dayFlags,
    open: Flags.boolean({
      description: 'only batches that a run began and did not end; nothing is taken out of the archive',
    }),
    yes: Flags.boolean({description: 'do it'}),
    ...clusterFlags,
  }

  async run(): Promise<unknown> {
    const {args, flags} = await this.parse(ArchiveReset)
    const {resetRuleArchive} = await import('../../../src/cli/archive.ts')
    return resetRuleArchive(args.rule, flags)
  }
}
