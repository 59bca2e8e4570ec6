import {Args} from '@oclif/core'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {clusterFlags} from '../../src/cli/cluster-flags.ts'
import {jobArgumentText} from '../../src/cli/jobs/job-arguments.ts'

export default class Wait extends BaseCommand {
  static override summary = 'Wait until a job is done; exit status 1 when it fails'
  static override examples = ['<%= config.bin %> disco wait @?word-count']
  static override args = {job: Args.string({description: jobArgumentText, required: true})}
  static override flags = clusterFlags

  async run(): Promise<unknown> {
    const {flags, args} = await this.parse(Wait)
    const [{JobClient, withCluster}, {jobNameOf}, {waitForJob}, {checkDone}] = await Promise.all([
      import('../../src/client/index.ts'),
      import('../../src/cli/jobs/job-arguments.ts'),
      import('../../src/cli/jobs/wait-for-job.ts'),
      import('../../src/cli/jobs/show-results.ts'),
    ])
    return await withCluster(flags, async client => {
      const jobs = new JobClient(client)
      const job = await jobNameOf(jobs, args.job)
      const results = await waitForJob(jobs, job, flags.json === true)
      checkDone(job, results)
      return {job, state: results.state}
    })
  }
}
