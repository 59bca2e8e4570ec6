import {Args, Flags} from '@oclif/core'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {clusterFlags} from '../../src/cli/cluster-flags.ts'
import {jobArgumentText} from '../../src/cli/jobs/job-arguments.ts'

export default class Profile extends BaseCommand {
  static override summary = "Show where a job's time went: by stage, and its slowest tasks"
  static override description =
    'Of each stage: the time from its first start to its end, the time and the CPU that its tasks took together, how even they are (skew: the largest input against the mean), records and bytes in and out, failed and lost runs, tasks done again, second copies. --flame draws what disco run --profile recorded.'
  static override examples = ['<%= config.bin %> disco profile @']
  static override args = {job: Args.string({description: jobArgumentText, required: true})}
  static override flags = {
    ...clusterFlags,
    flame: Flags.string({
      description: 'write a flame graph of the CPU profiles: a picture (.svg) or collapsed stacks (.folded)',
      helpValue: 'FILE',
    }),
    slowest: Flags.integer({description: 'slowest tasks of each stage to show', default: 3, min: 0, max: 1000}),
  }

  async run(): Promise<unknown> {
    const {flags, args} = await this.parse(Profile)
    const [{JobClient, withCluster}, {jobNameOf}, {readProfile}, {profileText}, flame, {note}] = await Promise.all([
      import('../../src/client/index.ts'),
      import('../../src/cli/jobs/job-arguments.ts'),
      import('../../src/cli/jobs/job-profile.ts'),
      import('../../src/cli/jobs/job-text.ts'),
      import('../../src/cli/jobs/flame/write-flame.ts'),
      import('../../src/cli/ddfs/write-out.ts'),
    ])
    if (flags.flame !== undefined) flame.checkFlameName(flags.flame)
    return await withCluster(flags, async client => {
      const jobs = new JobClient(client)
      const job = await jobNameOf(jobs, args.job)
      const profile = await readProfile(jobs, job, flags.slowest)
      const written = flags.flame === undefined ? undefined : await flame.writeFlame(jobs, job, flags.flame)
      if (!flags.json) {
        process.stdout.write(profileText(profile))
        if (written !== undefined) note(`wrote ${written.file}: CPU profiles of ${written.profileCount} tasks`)
      }
      return {...profile, ...(written === undefined ? {} : {flame: written})}
    })
  }
}
