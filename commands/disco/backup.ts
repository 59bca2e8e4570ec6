import {Args, Flags} from '@oclif/core'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {clusterFlags} from '../../src/cli/cluster-flags.ts'

export default class Backup extends BaseCommand {
  static override summary = 'Copy what nodes must not lose into one file, while they run'
  static override description =
    'Of the master: tokens, settings, jobs, the log of changes, the state of rules. Of each node: who it is, and its tags. Each is as it was at one moment after this command began. Not in it: blobs, results of tasks, ledgers of ddfs watch, certificates. The file opens the cluster to whoever reads it (mode 0600).'
  static override examples = [
    '<%= config.bin %> disco backup monday.backup',
    '<%= config.bin %> disco backup /backups/agent-3 --node agent-3',
  ]
  static override args = {
    file: Args.string({description: 'the file to make', required: true}),
  }
  static override flags = {
    ...clusterFlags,
    node: Flags.string({
      description: 'only this node; repeatable. Without it the master and the nodes of the home folder',
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'NAME',
    }),
  }

  async run(): Promise<unknown> {
    const {flags, args} = await this.parse(Backup)
    const [{makeBackup}, {backupText}] = await Promise.all([
      import('../../src/cli/disco/backup/make-backup.ts'),
      import('../../src/cli/disco/backup/backup-text.ts'),
    ])
    const software = `disco-inferno ${this.config.version}`
    const report = await makeBackup(flags, args.file, {names: flags.node ?? [], software})
    if (!flags.json) process.stderr.write(backupText(report))
    return report
  }
}
