import {Args} from '@oclif/core'
import {BaseCommand} from '../../../src/cli/base-command.ts'
import {clusterFlags} from '../../../src/cli/cluster-flags.ts'
import {dayFlags, ruleFlags} from '../../../src/cli/run-flags.ts'

export default class ArchiveList extends BaseCommand {
  static override summary = 'Show what an archiving rule has done, tag by tag'
  static override description =
    'Per source tag: blobs that are done (they stand in the archive tag too) and blobs that wait.'
  static override examples = [
    '<%= config.bin %> inferno archive list clicks.by_site',
    '<%= config.bin %> inferno archive list clicks.by_site --from 2026-11-01 --to 2026-11-30',
  ]
  static override args = {rule: Args.string({description: 'MODULE.RULE or PATH.ts[:RULE]', required: true})}
  static override flags = {
    'rules-directory': ruleFlags['rules-directory'],
    settings: ruleFlags.settings,
    ...dayFlags,
    ...clusterFlags,
  }

  async run(): Promise<unknown> {
    const {args, flags} = await this.parse(ArchiveList)
    const {showArchive} = await import('../../../src/cli/archive.ts')
    return showArchive(args.rule, flags)
  }
}
