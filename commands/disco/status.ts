import {BaseCommand} from '../../src/cli/base-command.ts'
import {clusterFlags} from '../../src/cli/cluster-flags.ts'

export default class Status extends BaseCommand {
  static override summary = 'Show how the cluster is'
  static override description =
    'The exit status is 0 when all is well, 1 when something needs a person, 3 when nothing answers.'
  static override examples = ['<%= config.bin %> disco status']
  static override flags = clusterFlags

  async run(): Promise<unknown> {
    const {flags} = await this.parse(Status)
    const [{withCluster}, {statusText}] = await Promise.all([
      import('../../src/client/index.ts'),
      import('../../src/cli/disco/status-text.ts'),
    ])
    const status = await withCluster(flags, async client => {
      const [cluster, maintenance] = await Promise.all([client.cluster(), client.maintenance()])
      return {cluster, maintenance}
    })
    if (status.cluster.warnings.length > 0) process.exitCode = 1
    if (!flags.json) process.stdout.write(statusText(status.cluster, status.maintenance))
    return status
  }
}
