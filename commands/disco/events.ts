import {Args, Flags} from '@oclif/core'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {clusterFlags} from '../../src/cli/cluster-flags.ts'
import {jobArgumentText} from '../../src/cli/jobs/job-arguments.ts'
import type {ClusterChoice} from '../../src/client/index.ts'

export default class Events extends BaseCommand {
  static override summary = 'Show what happened to a job, or who changed what'
  static override examples = ['<%= config.bin %> disco events @ -f', '<%= config.bin %> disco events --audit']
  static override args = {job: Args.string({description: jobArgumentText, required: false})}
  static override flags = {
    ...clusterFlags,
    follow: Flags.boolean({char: 'f', description: 'go on until the job is over'}),
    audit: Flags.boolean({
      description: 'instead: who changed what on the cluster, with which token',
      exclusive: ['follow'],
    }),
    count: Flags.integer({description: 'with --audit: so many of the last changes', default: 100, min: 1, max: 10_000}),
  }

  async run(): Promise<unknown> {
    const {flags, args} = await this.parse(Events)
    const [{JobClient, withCluster}, {jobNameOf}, {eventLine}, {UserError}] = await Promise.all([
      import('../../src/client/index.ts'),
      import('../../src/cli/jobs/job-arguments.ts'),
      import('../../src/cli/jobs/jobs-text.ts'),
      import('../../src/base/index.ts'),
    ])
    if (flags.audit) return await this.#audit(flags)
    if (args.job === undefined) {
      throw new UserError('BAD_FLAG', 'JOB is missing', {hint: 'name a job, or see changes with --audit', exitCode: 2})
    }
    const name = args.job
    return await withCluster(flags, async client => {
      const jobs = new JobClient(client)
      const events = jobs.events(await jobNameOf(jobs, name), {isFollowing: flags.follow})
      if (flags.json) return await Array.fromAsync(events)
      for await (const event of events) process.stdout.write(eventLine(event))
      return undefined
    })
  }

  async #audit(flags: ClusterChoice & {readonly count: number; readonly json?: boolean | undefined}): Promise<unknown> {
    const [{withCluster}, {auditText}, {printableLines}] = await Promise.all([
      import('../../src/client/index.ts'),
      import('../../src/cli/disco/token-text.ts'),
      import('../../src/base/index.ts'),
    ])
    const {lines} = await withCluster(flags, client => client.audit(flags.count))
    if (flags.json !== true) process.stdout.write(printableLines(auditText(lines)))
    return lines
  }
}
