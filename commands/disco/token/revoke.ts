import {Args} from '@oclif/core'
import {BaseCommand} from '../../../src/cli/base-command.ts'
import {clusterFlags} from '../../../src/cli/cluster-flags.ts'

export default class Revoke extends BaseCommand {
  static override summary = 'End a token: from now on no node takes it'
  static override description =
    'All nodes that answer have heard of it when this command ends; it names those that do not. Such a node hears of it with its next link; until then it takes the token for reading what lies on that node, and nothing else. Requests that are under way go on.'
  static override examples = ['<%= config.bin %> disco token revoke grafana']
  static override args = {name: Args.string({description: 'as disco token list shows it', required: true})}
  static override flags = clusterFlags

  async run(): Promise<unknown> {
    const {flags, args} = await this.parse(Revoke)
    const [{withCluster}, {silentText}] = await Promise.all([
      import('../../../src/client/index.ts'),
      import('../../../src/cli/disco/token-text.ts'),
    ])
    const ended = await withCluster(flags, client => client.revokeToken(args.name))
    if (!flags.json) {
      process.stdout.write(`${ended.name} opens nothing any more\n`)
      process.stderr.write(silentText(ended))
    }
    return ended
  }
}
