import {BaseCommand} from '../../../src/cli/base-command.ts'
import {clusterFlags} from '../../../src/cli/cluster-flags.ts'

export default class List extends BaseCommand {
  static override summary = 'Show the tokens of the cluster: names and scopes, never the tokens'
  static override examples = ['<%= config.bin %> disco token list']
  static override flags = clusterFlags

  async run(): Promise<unknown> {
    const {flags} = await this.parse(List)
    const [{withCluster}, {tokensText}] = await Promise.all([
      import('../../../src/client/index.ts'),
      import('../../../src/cli/disco/token-text.ts'),
    ])
    const {tokens} = await withCluster(flags, client => client.tokens())
    if (!flags.json) process.stdout.write(tokensText(tokens))
    return tokens
  }
}
