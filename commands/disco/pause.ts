import {Args} from '@oclif/core'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {clusterFlags} from '../../src/cli/cluster-flags.ts'
import {jobArgumentText} from '../../src/cli/jobs/job-arguments.ts'

export default class Pause extends BaseCommand {
  static override summary = 'Let jobs start no more tasks; those that run go on'
  static override examples = ['<%= config.bin %> disco pause @?word-count']
  static override strict = false
  static override args = {job: Args.string({description: jobArgumentText, required: true})}
  static override flags = clusterFlags

  async run(): Promise<unknown> {
    const {flags, argv} = await this.parse(Pause)
    const {changeJobs} = await import('../../src/cli/jobs/change-jobs.ts')
    return await changeJobs(flags, argv as string[], 'pause')
  }
}
