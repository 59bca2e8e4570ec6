import {Flags} from '@oclif/core'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {clusterFlags} from '../../src/cli/cluster-flags.ts'
import {daemonFlags, stateFlags} from '../../src/cli/daemon/state-flags.ts'

export default class Daemon extends BaseCommand {
  static override summary = 'Run rules by themselves, on schedule'
  static override description =
    `Runs the rules of all files in the rules directory that export AUTORUN = true, each when its timeDelta or cron says, one run of a rule at a time. Files that change are read again; one that is broken leaves its rules as they were.

Failed runs are tried again as the rule says (retry, retryLimit, retryDelay). What happened stands in the state folder: see it with inferno status and inferno runs.

SIGTERM or Ctrl-C starts nothing more and waits for the runs that go on; a second one ends them. It logs one JSON object a line to standard error.`
  static override examples = [
    '<%= config.bin %> inferno daemon -y rules',
    '<%= config.bin %> inferno daemon -y rules --state /var/lib/inferno --concurrent 4',
  ]
  static override enableJsonFlag = false
  static override flags = {
    ...stateFlags,
    ...clusterFlags,
    'start-paused': Flags.boolean({char: 'x', description: 'start nothing until: inferno resume'}),
    ...daemonFlags,
    wait: Flags.boolean({description: 'when another daemon works with the same state, wait for its end'}),
    runner: Flags.string({description: 'program that runs a rule', hidden: true}),
    'read-rules': Flags.boolean({description: 'write what the rules say to descriptor 3', hidden: true}),
    leave: Flags.string({description: 'file to pass over', multiple: true, multipleNonGreedy: true, hidden: true}),
    only: Flags.string({description: 'module to read', hidden: true}),
  }

  async run(): Promise<void> {
    const {flags} = await this.parse(Daemon)
    if (flags['read-rules']) {
      const [{readRulesForDaemon}, {loadSettings}] = await Promise.all([
        import('../../src/cli/daemon/read-rules.ts'),
        import('../../src/cli/apply-settings.ts'),
      ])
      const {catchUp} = (await loadSettings(flags.settings)).daemon ?? {}
      await readRulesForDaemon(flags['rules-directory'], {leave: flags.leave ?? [], only: flags.only, catchUp})
      return
    }
    const {startDaemon} = await import('../../src/cli/daemon/start-daemon.ts')
    await startDaemon(flags)
  }
}
