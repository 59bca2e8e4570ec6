import {Args, Flags} from '@oclif/core'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {clusterFlags} from '../../src/cli/cluster-flags.ts'

const states = ['queued', 'running', 'paused', 'done', 'failed', 'cancelled'] as const

export default class Jobs extends BaseCommand {
  static override summary = 'List jobs, newest first: state, tasks, failures, age'
  static override examples = ['<%= config.bin %> disco jobs word-count --state done']
  static override args = {prefix: Args.string({description: 'how the names begin'})}
  static override flags = {
    ...clusterFlags,
    state: Flags.option({options: states, description: 'only jobs in this state'})(),
    count: Flags.integer({char: 'c', description: 'newest jobs to show', default: 20, min: 1, max: 1000}),
  }

  async run(): Promise<unknown> {
    const {flags, args} = await this.parse(Jobs)
    const [{JobClient, withCluster}, {jobsText}] = await Promise.all([
      import('../../src/client/index.ts'),
      import('../../src/cli/jobs/jobs-text.ts'),
    ])
    const {prefix} = args
    const {state, count} = flags
    const query = {...(prefix === undefined ? {} : {prefix}), ...(state === undefined ? {} : {state}), count}
    const [{jobs}, {nowMs}] = await withCluster(flags, client =>
      Promise.all([new JobClient(client).list(query), client.cluster()]),
    )
    if (!flags.json) process.stdout.write(jobsText(jobs, nowMs))
    return jobs
  }
}
