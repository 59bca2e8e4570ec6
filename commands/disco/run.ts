import {Args, Flags} from '@oclif/core'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {clusterFlags} from '../../src/cli/cluster-flags.ts'

export default class Run extends BaseCommand {
  static override summary = 'Run a job on the cluster and print its results'
  static override description =
    'A line a result: the key, a tab, the value; what is not text as JSON. Progress goes to standard error. Ctrl-C ends the waiting, not the job.'
  static override examples = ['<%= config.bin %> disco run jobs/word-count.ts data:texts']
  static override strict = false
  static override args = {
    job: Args.string({description: 'file that exports the job', required: true}),
    input: Args.string({description: "tags, blob://, job:// or http:// addresses, instead of the job's own"}),
  }
  static override flags = {
    ...clusterFlags,
    param: Flags.string({
      char: 'P',
      multiple: true,
      multipleNonGreedy: true,
      description: 'parameter name=value (the value is YAML); repeatable',
      helpValue: 'NAME=VALUE',
    }),
    profile: Flags.boolean({description: 'take CPU profiles of the tasks, for: disco profile --flame'}),
    'save-results': Flags.string({description: 'keep the results under this tag', helpValue: 'TAG'}),
    'no-wait': Flags.boolean({description: "submit the job, print its name and don't wait for it"}),
  }

  async run(): Promise<unknown> {
    const {flags, argv} = await this.parse(Run)
    const [file = '', ...inputs] = argv as string[]
    const [{JobClient, withCluster}, {submitJob}, {waitAndShow}, {note}] = await Promise.all([
      import('../../src/client/index.ts'),
      import('../../src/cli/jobs/submit-job.ts'),
      import('../../src/cli/jobs/wait-for-job.ts'),
      import('../../src/cli/ddfs/write-out.ts'),
    ])
    const isJson = flags.json === true
    return await withCluster(flags, async client => {
      const jobs = new JobClient(client)
      const job = await submitJob(jobs, file, inputs, flags)
      if (flags['no-wait']) {
        if (!isJson) process.stdout.write(`${job}\n`)
        return {job}
      }
      if (!isJson) note(`job ${job}`)
      return await waitAndShow(jobs, job, isJson)
    })
  }
}
