import {Args, Flags} from '@oclif/core'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {clusterFlags} from '../../src/cli/cluster-flags.ts'
import {jobArgumentText} from '../../src/cli/jobs/job-arguments.ts'

export default class Results extends BaseCommand {
  static override summary = 'Print the results of a job that is done'
  static override description =
    'A line a result: the key, a tab, the value; what is not text as JSON. Of a worker of another language: the bytes that it wrote.'
  static override examples = ['<%= config.bin %> disco results @']
  static override args = {job: Args.string({description: jobArgumentText, required: true})}
  static override flags = {
    ...clusterFlags,
    urls: Flags.boolean({description: 'print where the results are instead: a line a file'}),
  }

  async run(): Promise<unknown> {
    const {flags, args} = await this.parse(Results)
    const [{JobClient, withCluster}, {jobNameOf}, {checkDone, showResults, urlsText}] = await Promise.all([
      import('../../src/client/index.ts'),
      import('../../src/cli/jobs/job-arguments.ts'),
      import('../../src/cli/jobs/show-results.ts'),
    ])
    return await withCluster(flags, async client => {
      const jobs = new JobClient(client)
      const job = await jobNameOf(jobs, args.job)
      const results = await jobs.results(job)
      if (!flags.urls) return await showResults(jobs, job, results, flags)
      checkDone(job, results)
      if (!flags.json) process.stdout.write(urlsText(results))
      return {job, urls: results.outputs.map(({urls}) => urls)}
    })
  }
}
