import {Args} from '@oclif/core'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {clusterFlags} from '../../src/cli/cluster-flags.ts'

export default class Token extends BaseCommand {
  static override summary = 'Print a token of the cluster that was started on this machine'
  static override description =
    'join is for agents on other machines; read, write and admin are for people and programs. They lie in tokens.json in the home folder, which only you can read. Further ones, with names and an end, are made by disco token create.'
  static override examples = [
    '<%= config.bin %> disco token join',
    'DISCO_TOKEN=$(<%= config.bin %> disco token read) <%= config.bin %> ddfs ls',
  ]
  static override args = {
    scope: Args.string({
      description: 'admin, write, read or join',
      default: 'join',
      options: ['admin', 'write', 'read', 'join'],
    }),
  }
  static override flags = {home: clusterFlags.home}

  async run(): Promise<unknown> {
    const {flags, args} = await this.parse(Token)
    const [{homePaths, readTokens}, {UserError}] = await Promise.all([
      import('../../src/client/index.ts'),
      import('../../src/base/index.ts'),
    ])
    const paths = homePaths(flags.home)
    const token = readTokens(paths)?.[args.scope]
    if (token === undefined) {
      throw new UserError('NOT_RUNNING', `no cluster was started here: there is no ${paths.tokens}`, {
        hint: 'start one with: disco start',
      })
    }
    if (!flags.json) process.stdout.write(`${token}\n`)
    return {scope: args.scope, token}
  }
}
