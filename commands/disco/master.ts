import {Flags} from '@oclif/core'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {legacyFlags, listenFlags} from '../../src/cli/disco/node-flags.ts'

export default class Master extends BaseCommand {
  static override summary = 'Run a master alone, in the foreground'
  static override description =
    'It keeps no data: agents join it with disco agent. The token that they need is printed by disco token join.'
  static override examples = ['<%= config.bin %> disco master --host 10.0.0.1 --tls-cert node.pem --tls-key node.key']
  static override flags = {
    ...listenFlags,
    ...legacyFlags,
    port: Flags.integer({description: 'port to listen at', default: 8989, env: 'DISCO_PORT', min: 0, max: 65_535}),
  }

  async run(): Promise<unknown> {
    const {flags} = await this.parse(Master)
    const [{runDaemon}, {nodeOptions}, {legacyText}, {tellReady}] = await Promise.all([
      import('../../src/cluster/index.ts'),
      import('../../src/cli/disco/node-options.ts'),
      import('../../src/cli/disco/legacy-text.ts'),
      import('../../src/cli/disco/detach.ts'),
    ])
    await runDaemon(nodeOptions(flags, {isMaster: true, isAgent: false}, this.config.version), {
      onReady: node => {
        process.stderr.write(`the master is at ${node.url}\n`)
        process.stderr.write(legacyText(flags, node.url))
        tellReady({url: node.url, name: node.name})
        return undefined
      },
    })
    return {}
  }
}
