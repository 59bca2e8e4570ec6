import {Args} from '@oclif/core'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {clusterFlags} from '../../src/cli/cluster-flags.ts'
import {jobArgumentText} from '../../src/cli/jobs/job-arguments.ts'

export default class Oob extends BaseCommand {
  static override summary = 'List what the tasks of a job put out of band'
  static override description = 'A line a value: its key, bytes, and the task that put it.'
  static override examples = ['<%= config.bin %> disco oob @']
  static override args = {job: Args.string({description: jobArgumentText, required: true})}
  static override flags = clusterFlags

  async run(): Promise<unknown> {
    const {flags, args} = await this.parse(Oob)
    const [{JobClient, withCluster}, {jobNameOf}, {oobText, oobValues}] = await Promise.all([
      import('../../src/client/index.ts'),
      import('../../src/cli/jobs/job-arguments.ts'),
      import('../../src/cli/jobs/oob-values.ts'),
    ])
    const values = await withCluster(flags, async client => {
      const jobs = new JobClient(client)
      return await oobValues(jobs, await jobNameOf(jobs, args.job))
    })
    if (!flags.json) process.stdout.write(oobText(values))
    return values
  }
}
