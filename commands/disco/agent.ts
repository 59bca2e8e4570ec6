import {Flags} from '@oclif/core'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {agentFlags, listenFlags} from '../../src/cli/disco/node-flags.ts'

export default class Agent extends BaseCommand {
  static override summary = 'Run an agent, in the foreground, and join it to a cluster'
  static override examples = [
    'DISCO_JOIN_TOKEN=... <%= config.bin %> disco agent --join wss://master:8989 --host 10.0.0.2 --tls-cert node.pem --tls-key node.key',
  ]
  static override flags = {
    ...listenFlags,
    ...agentFlags,
    port: Flags.integer({
      description: 'port to listen at; 0: any free one',
      default: 8989,
      env: 'DISCO_PORT',
      min: 0,
      max: 65_535,
    }),
    join: Flags.string({
      description: 'address of the master',
      required: true,
      helpValue: 'ws://HOST:PORT',
      env: 'DISCO_JOIN',
    }),
    'join-token': Flags.string({
      description: 'what disco token join prints on the machine of the master',
      env: 'DISCO_JOIN_TOKEN',
    }),
    name: Flags.string({description: 'name of the node; the name of the machine without it'}),
    folder: Flags.string({description: 'folder of the node; by default in the home folder', helpValue: 'DIR'}),
    force: Flags.boolean({description: 'come in although removed, or away for longer than deletions are remembered'}),
  }

  async run(): Promise<unknown> {
    const {flags} = await this.parse(Agent)
    const [{runDaemon, readJoinToken, endWithStarter}, {nodeOptions}, {tellReady}] = await Promise.all([
      import('../../src/cluster/index.ts'),
      import('../../src/cli/disco/node-options.ts'),
      import('../../src/cli/disco/detach.ts'),
    ])
    const hasStarter = endWithStarter()
    const options = nodeOptions(flags, {isMaster: false, isAgent: true}, this.config.version)
    const joinToken = options.joinToken ?? readJoinToken(options.paths)
    await runDaemon(
      {...options, joinToken},
      {
        onReady: node => {
          process.stderr.write(`agent ${node.name} is at ${node.url}\n`)
          tellReady({url: node.url, name: node.name}, hasStarter)
          return undefined
        },
      },
    )
    return {}
  }
}
