import {Args, Flags} from '@oclif/core'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {clusterFlags} from '../../src/cli/cluster-flags.ts'

const states = ['queued', 'running', 'paused', 'done', 'failed', 'cancelled'] as const

export default class Jobs extends BaseCommand {
  static override summary = 'List jobs, newest first, or show one: its stages and what it counted'
  static override examples = ['<%= config.bin %> disco jobs word-count --state done', '<%= config.bin %> disco jobs @']
  static override args = {
    job: Args.string({
      description: 'how the names begin; or one job by its whole name, or by @ and @?TEXT as elsewhere',
    }),
  }
  static override flags = {
    ...clusterFlags,
    state: Flags.option({options: states, description: 'only jobs in this state'})(),
    count: Flags.integer({char: 'c', description: 'newest jobs to show', default: 20, min: 1, max: 1000}),
  }

  async run(): Promise<unknown> {
    const {flags, args} = await this.parse(Jobs)
    const [{JobClient, withCluster}, {jobNameOf}, {jobsText}, {jobText}] = await Promise.all([
      import('../../src/client/index.ts'),
      import('../../src/cli/jobs/job-arguments.ts'),
      import('../../src/cli/jobs/jobs-text.ts'),
      import('../../src/cli/jobs/job-text.ts'),
    ])
    const prefix = args.job
    const {state, count} = flags
    // Names that jobs give themselves have no @: it stands before their stamp.
    if (prefix?.includes('@')) {
      const info = await withCluster(flags, async client => {
        const jobs = new JobClient(client)
        return await jobs.read(await jobNameOf(jobs, prefix))
      })
      if (!flags.json) process.stdout.write(jobText(info))
      return info
    }
    const query = {...(prefix === undefined ? {} : {prefix}), ...(state === undefined ? {} : {state}), count}
    const [{jobs}, {nowMs}] = await withCluster(flags, client =>
      Promise.all([new JobClient(client).list(query), client.cluster()]),
    )
    if (!flags.json) process.stdout.write(jobsText(jobs, nowMs))
    return jobs
  }
}
