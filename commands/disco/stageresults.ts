import {Args, Flags} from '@oclif/core'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {clusterFlags} from '../../src/cli/cluster-flags.ts'
import {jobArgumentText} from '../../src/cli/jobs/job-arguments.ts'

export default class StageResults extends BaseCommand {
  static override summary = 'Print what a stage of a job gave'
  static override description =
    'As results does. A stage that is not the last one keeps its files while the job runs or is paused.'
  static override examples = ['<%= config.bin %> disco stageresults @ reduce']
  static override args = {
    job: Args.string({description: jobArgumentText, required: true}),
    stage: Args.string({description: 'name of the stage', required: true}),
  }
  static override flags = {
    ...clusterFlags,
    urls: Flags.boolean({description: 'print where the outputs are instead: a line an output'}),
  }

  async run(): Promise<unknown> {
    const {flags, args} = await this.parse(StageResults)
    const [{JobClient, withCluster}, {jobNameOf}, {stageResults}, {showOutputs, urlsText}] = await Promise.all([
      import('../../src/client/index.ts'),
      import('../../src/cli/jobs/job-arguments.ts'),
      import('../../src/cli/jobs/stage-results.ts'),
      import('../../src/cli/jobs/show-results.ts'),
    ])
    return await withCluster(flags, async client => {
      const jobs = new JobClient(client)
      const job = await jobNameOf(jobs, args.job)
      const results = await stageResults(jobs, job, args.stage)
      const about = {job, stage: args.stage}
      if (!flags.urls) return {...about, ...(await showOutputs(jobs, results, flags))}
      if (!flags.json) process.stdout.write(urlsText(results))
      return {...about, urls: results.outputs.map(({urls}) => urls)}
    })
  }
}
