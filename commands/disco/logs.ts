import {Args, Flags} from '@oclif/core'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {clusterFlags} from '../../src/cli/cluster-flags.ts'
import {jobArgumentText} from '../../src/cli/jobs/job-arguments.ts'

export default class Logs extends BaseCommand {
  static override summary = 'Print what the tasks of a job logged and printed'
  static override description =
    'A line each: time, stage and task, node, text. The master keeps them with the events of the job, the newest 100,000; of a flood a task tells how many lines it dropped.'
  static override examples = ['<%= config.bin %> disco logs @', '<%= config.bin %> disco logs @ --task 0 -f']
  static override args = {job: Args.string({description: jobArgumentText, required: true})}
  static override flags = {
    ...clusterFlags,
    task: Flags.integer({char: 't', description: 'of the task with this number only', min: 0}),
    follow: Flags.boolean({char: 'f', description: 'go on until the job is over'}),
  }

  async run(): Promise<unknown> {
    const {flags, args} = await this.parse(Logs)
    const [{JobClient, withCluster}, {jobNameOf}, {taskLines, taskLineText}] = await Promise.all([
      import('../../src/client/index.ts'),
      import('../../src/cli/jobs/job-arguments.ts'),
      import('../../src/cli/jobs/task-logs.ts'),
    ])
    return await withCluster(flags, async client => {
      const jobs = new JobClient(client)
      const job = await jobNameOf(jobs, args.job)
      const lines = taskLines(jobs, job, {isFollowing: flags.follow, task: flags.task})
      if (flags.json) return await Array.fromAsync(lines)
      for await (const line of lines) process.stdout.write(taskLineText(line))
      return undefined
    })
  }
}
