import {BaseCommand} from '../../src/cli/base-command.ts'
import {clusterFlags} from '../../src/cli/cluster-flags.ts'

export default class Restart extends BaseCommand {
  static override summary = 'Stop the cluster on this machine and start it again as it was started'
  static override examples = ['<%= config.bin %> disco restart']
  static override flags = {home: clusterFlags.home}

  async run(): Promise<unknown> {
    const {flags} = await this.parse(Restart)
    const [{homePaths}, {stopCluster}, {startDetached, lastStart}] = await Promise.all([
      import('../../src/client/index.ts'),
      import('../../src/cli/disco/stop-cluster.ts'),
      import('../../src/cli/disco/detach.ts'),
    ])
    const paths = homePaths(flags.home)
    const args = lastStart(paths)
    await stopCluster(paths)
    const started = await startDetached(paths, args)
    if (!flags.json) process.stdout.write(`${started.url}\n`)
    return {url: started.url, pid: started.pid}
  }
}
