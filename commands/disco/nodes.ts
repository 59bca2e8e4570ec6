import {BaseCommand} from '../../src/cli/base-command.ts'
import {clusterFlags} from '../../src/cli/cluster-flags.ts'

export default class Nodes extends BaseCommand {
  static override summary = 'List the nodes of the cluster: state, address, disk, what they hold'
  static override examples = ['<%= config.bin %> disco nodes', '<%= config.bin %> disco nodes --json']
  static override flags = clusterFlags

  async run(): Promise<unknown> {
    const {flags} = await this.parse(Nodes)
    const [{withCluster}, {nodesText}] = await Promise.all([
      import('../../src/client/index.ts'),
      import('../../src/cli/disco/nodes-text.ts'),
    ])
    const {info, nodes} = await withCluster(flags, async client => {
      const [info, {nodes}] = await Promise.all([client.cluster(), client.nodes()])
      return {info, nodes}
    })
    if (!flags.json) {
      process.stdout.write(nodesText(nodes, info.nowMs))
      for (const warning of info.warnings) process.stderr.write(`Warning: ${warning}\n`)
    }
    return nodes
  }
}
