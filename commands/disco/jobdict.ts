import {Args} from '@oclif/core'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {clusterFlags} from '../../src/cli/cluster-flags.ts'
import {jobArgumentText} from '../../src/cli/jobs/job-arguments.ts'

export default class JobDict extends BaseCommand {
  static override summary = 'Print what was submitted as a job: stages, inputs, parameters, limits, files'
  static override description = 'JSON, with and without --json.'
  static override examples = ['<%= config.bin %> disco jobdict @']
  static override args = {job: Args.string({description: jobArgumentText, required: true})}
  static override flags = clusterFlags

  async run(): Promise<unknown> {
    const {flags, args} = await this.parse(JobDict)
    const [{JobClient, withCluster}, {jobNameOf}, {readJobDict}] = await Promise.all([
      import('../../src/client/index.ts'),
      import('../../src/cli/jobs/job-arguments.ts'),
      import('../../src/cli/jobs/job-dict.ts'),
    ])
    const dict = await withCluster(flags, async client => {
      const jobs = new JobClient(client)
      return await readJobDict(jobs, await jobNameOf(jobs, args.job))
    })
    if (!flags.json) process.stdout.write(`${JSON.stringify(dict, undefined, 2)}\n`)
    return dict
  }
}
