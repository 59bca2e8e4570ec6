import {isatty} from 'node:tty'
import {Args, Flags} from '@oclif/core'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {clusterFlags} from '../../src/cli/cluster-flags.ts'
import {jobArgumentText} from '../../src/cli/jobs/job-arguments.ts'

export default class Monitor extends BaseCommand {
  static override summary = 'Watch the cluster, its nodes and jobs'
  static override description =
    'A screen that follows the cluster: ? shows the keys, q quits. Without a terminal it prints a line for everything that changes, until the job is over if one is named, else until Ctrl-C.'
  static override examples = ['<%= config.bin %> disco monitor --once', '<%= config.bin %> disco monitor --json']
  static override args = {job: Args.string({description: `${jobArgumentText}; the overview without one`})}
  static override flags = {
    ...clusterFlags,
    once: Flags.boolean({description: 'print how it is now as text, and end'}),
  }

  async run(): Promise<unknown> {
    const {flags, args} = await this.parse(Monitor)
    const [{JobClient, withCluster}, {jobNameOf}, ui] = await Promise.all([
      import('../../src/client/index.ts'),
      import('../../src/cli/jobs/job-arguments.ts'),
      import('../../src/ui/index.ts'),
    ])
    return withCluster(flags, async client => {
      const jobs = new JobClient(client)
      const options = {
        source: ui.clusterSource(client, jobs),
        stdout: process.stdout,
        stdin: () => process.stdin,
        isStdinTty: isatty(0),
        env: process.env,
        job: args.job === undefined ? undefined : await jobNameOf(jobs, args.job),
      }
      if (flags.json) return ui.monitorSnapshot(options)
      if (flags.once) {
        process.stdout.write(await ui.monitorText(options))
        return undefined
      }
      const end = await ui.runMonitor(options)
      if (end.type === 'signal') process.exitCode = end.exitCode
      return undefined
    })
  }
}
