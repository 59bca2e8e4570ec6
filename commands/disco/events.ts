import {Args, Flags} from '@oclif/core'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {clusterFlags} from '../../src/cli/cluster-flags.ts'
import {jobArgumentText} from '../../src/cli/jobs/job-arguments.ts'

export default class Events extends BaseCommand {
  static override summary = 'Show what happened to a job: stages, tasks, messages, failures'
  static override examples = ['<%= config.bin %> disco events @ -f']
  static override args = {job: Args.string({description: jobArgumentText, required: true})}
  static override flags = {
    ...clusterFlags,
    follow: Flags.boolean({char: 'f', description: 'go on until the job is over'}),
  }

  async run(): Promise<unknown> {
    const {flags, args} = await this.parse(Events)
    const [{JobClient, withCluster}, {jobNameOf}, {eventLine}] = await Promise.all([
      import('../../src/client/index.ts'),
      import('../../src/cli/jobs/job-arguments.ts'),
      import('../../src/cli/jobs/jobs-text.ts'),
    ])
    return await withCluster(flags, async client => {
      const jobs = new JobClient(client)
      const events = jobs.events(await jobNameOf(jobs, args.job), {isFollowing: flags.follow})
      if (flags.json) return await Array.fromAsync(events)
      for await (const event of events) process.stdout.write(eventLine(event))
      return undefined
    })
  }
}
