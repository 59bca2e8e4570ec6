import {Args, Flags} from '@oclif/core'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {clusterFlags} from '../../src/cli/cluster-flags.ts'

export default class Node extends BaseCommand {
  static override summary = 'Drain a node, take that back, or remove it from the cluster'
  static override description =
    'drain copies everything that is needed from a node to others and waits until it is safe to remove; undrain takes that back. remove forgets the node: what only it holds is lost, so drain first. A node that is gone for good is removed without draining, with --force when something may be on it alone.'
  static override examples = ['<%= config.bin %> disco node drain web3', '<%= config.bin %> disco node remove web3']
  static override args = {
    action: Args.string({
      description: 'drain, undrain or remove',
      required: true,
      options: ['drain', 'undrain', 'remove'],
    }),
    node: Args.string({description: 'name of the node', required: true}),
  }
  static override flags = {
    ...clusterFlags,
    'no-wait': Flags.boolean({description: 'with drain: start it and return'}),
    force: Flags.boolean({description: 'with remove: also when something may be on that node alone'}),
  }

  async run(): Promise<unknown> {
    const {flags, args} = await this.parse(Node)
    const [{withCluster}, {parseNodeName}, {drainNode}] = await Promise.all([
      import('../../src/client/index.ts'),
      import('../../src/protocol/index.ts'),
      import('../../src/cli/disco/drain-node.ts'),
    ])
    const name = parseNodeName(args.node)
    return withCluster(flags, async client => {
      if (args.action === 'drain') return drainNode(client, name, !flags['no-wait'], flags.json === true)
      const node = await client.changeNode(args.action as 'undrain' | 'remove', name, {force: flags.force})
      if (!flags.json)
        process.stdout.write(args.action === 'remove' ? `${name} is removed\n` : `${name} is in use again\n`)
      return node
    })
  }
}
