import {Args} from '@oclif/core'
import {BaseCommand} from '../../../src/cli/base-command.ts'
import {clusterFlags} from '../../../src/cli/cluster-flags.ts'
import {jobArgumentText} from '../../../src/cli/jobs/job-arguments.ts'

export default class OobGet extends BaseCommand {
  static override summary = 'Print a value that a task of a job put out of band'
  static override description =
    'Bytes as they are; text, and JSON, as a line. Of several tasks that put the same key the first one counts.'
  static override examples = ['<%= config.bin %> disco oob get @ summary']
  static override args = {
    job: Args.string({description: jobArgumentText, required: true}),
    key: Args.string({description: 'as disco oob lists it', required: true}),
  }
  static override flags = clusterFlags

  async run(): Promise<unknown> {
    const {flags, args} = await this.parse(OobGet)
    const [{JobClient, withCluster}, {jobNameOf}, {oobOutput, oobValue}, {plainOf}] = await Promise.all([
      import('../../../src/client/index.ts'),
      import('../../../src/cli/jobs/job-arguments.ts'),
      import('../../../src/cli/jobs/oob-values.ts'),
      import('../../../src/cli/jobs/pair-text.ts'),
    ])
    return await withCluster(flags, async client => {
      const jobs = new JobClient(client)
      const job = await jobNameOf(jobs, args.job)
      const value = await oobValue(jobs, job, args.key)
      if (!flags.json) process.stdout.write(oobOutput(value))
      return {job, key: args.key, value: plainOf(value)}
    })
  }
}
