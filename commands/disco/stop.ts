import {BaseCommand} from '../../src/cli/base-command.ts'
import {clusterFlags} from '../../src/cli/cluster-flags.ts'

export default class Stop extends BaseCommand {
  static override summary = 'Stop the cluster that was started on this machine'
  static override examples = ['<%= config.bin %> disco stop']
  static override flags = {home: clusterFlags.home}

  async run(): Promise<unknown> {
    const {flags} = await this.parse(Stop)
    const [{homePaths}, {stopCluster}] = await Promise.all([
      import('../../src/client/index.ts'),
      import('../../src/cli/disco/stop-cluster.ts'),
    ])
    const pid = await stopCluster(homePaths(flags.home))
    if (!flags.json) process.stdout.write(`stopped (process ${pid})\n`)
    return {pid}
  }
}
