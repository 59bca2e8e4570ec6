import {Args, Flags} from '@oclif/core'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {clusterFlags} from '../../src/cli/cluster-flags.ts'

export default class Restore extends BaseCommand {
  static override summary = 'Make a home folder of a backup; start the cluster with it afterwards'
  static override description =
    'The folder must be empty or not there. A backup that is damaged, cut short, or of a newer program is refused, and nothing is left of it. Where other nodes of the cluster are not in the backup, tags come from them; with --whole-cluster they are those of the backup.'
  static override examples = [
    '<%= config.bin %> disco restore monday.backup --home /var/lib/disco',
    '<%= config.bin %> disco restore agent-3.backup --home /var/lib/disco --whole-cluster',
  ]
  static override args = {
    file: Args.string({description: 'what disco backup made', required: true}),
  }
  static override flags = {
    home: clusterFlags.home,
    'whole-cluster': Flags.boolean({
      description: 'no other node went on: all are gone, or restored as well',
    }),
  }

  async run(): Promise<unknown> {
    const {flags, args} = await this.parse(Restore)
    const [{restoreBackup}, {restoreText}] = await Promise.all([
      import('../../src/cli/disco/backup/restore-backup.ts'),
      import('../../src/cli/disco/backup/backup-text.ts'),
    ])
    const report = await restoreBackup(args.file, {home: flags.home, isWholeCluster: flags['whole-cluster']})
    if (!flags.json) process.stderr.write(restoreText(report))
    return report
  }
}
