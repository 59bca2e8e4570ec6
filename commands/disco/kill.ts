import {Args} from '@oclif/core'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {clusterFlags} from '../../src/cli/cluster-flags.ts'
import {jobArgumentText} from '../../src/cli/jobs/job-arguments.ts'

export default class Kill extends BaseCommand {
  static override summary = 'End jobs that are not over; what they have done is lost'
  static override examples = ['<%= config.bin %> disco kill @?word-count']
  static override strict = false
  static override args = {job: Args.string({description: jobArgumentText, required: true})}
  static override flags = clusterFlags

  async run(): Promise<unknown> {
    const {flags, argv} = await this.parse(Kill)
    const {changeJobs} = await import('../../src/cli/jobs/change-jobs.ts')
    return await changeJobs(flags, argv as string[], 'cancel')
  }
}
