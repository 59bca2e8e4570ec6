import {BaseCommand} from '../../src/cli/base-command.ts'
import {clusterFlags} from '../../src/cli/cluster-flags.ts'

export default class Df extends BaseCommand {
  static override summary = 'Show how full the nodes are'
  static override examples = ['<%= config.bin %> ddfs df']
  static override flags = clusterFlags

  async run(): Promise<unknown> {
    const {flags} = await this.parse(Df)
    const [{withCluster}, {aligned, countText}, {formatBytes}] = await Promise.all([
      import('../../src/client/index.ts'),
      import('../../src/cli/ddfs/text.ts'),
      import('../../src/base/index.ts'),
    ])
    const {nodes} = await withCluster(flags, client => client.nodes())
    if (!flags.json) {
      const rows = nodes.flatMap(({name, state, status}) => {
        if (status === undefined) return [[name, state, '', '', '', '']]
        const {usedBytes, freeBytes, blobCount, tagCount} = status
        const share = usedBytes + freeBytes === 0 ? 0 : Math.round((100 * usedBytes) / (usedBytes + freeBytes))
        const contents = `${countText(blobCount, 'blob')}, ${countText(tagCount, 'tag')}`
        return [[name, state, formatBytes(usedBytes), formatBytes(freeBytes), `${share} %`, contents]]
      })
      process.stdout.write(aligned([['node', 'state', 'used', 'free', 'use', 'holds'], ...rows]))
    }
    return nodes.map(({name, state, status}) => ({name, state, ...status}))
  }
}
