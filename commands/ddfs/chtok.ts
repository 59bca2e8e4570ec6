import {Args, Flags} from '@oclif/core'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {tagFlags} from '../../src/cli/cluster-flags.ts'

export default class Chtok extends BaseCommand {
  static override summary = 'Set or take away the tokens that reading or changing a tag needs'
  static override description =
    'A tag without a read token can be read by all who may use the cluster; without a write token it can be changed by all who may write. An empty TOKEN takes the token away.'
  static override examples = ['<%= config.bin %> ddfs chtok data:payroll s3cret --read --write']
  static override args = {
    tag: Args.string({description: 'tag', required: true}),
    newtoken: Args.string({description: 'the token, or "" for none', required: true}),
  }
  static override flags = {
    ...tagFlags,
    read: Flags.boolean({char: 'r', description: 'for reading'}),
    write: Flags.boolean({char: 'w', description: 'for changing'}),
  }

  async run(): Promise<unknown> {
    const {flags, args} = await this.parse(Chtok)
    const [{withCluster}, {tagNameOf}, {UserError}] = await Promise.all([
      import('../../src/client/index.ts'),
      import('../../src/cli/ddfs/tag-arguments.ts'),
      import('../../src/base/index.ts'),
    ])
    if (!flags.read && !flags.write) {
      throw new UserError('BAD_FLAG', 'say which token: --read, --write or both', {exitCode: 2})
    }
    const token = args.newtoken === '' ? null : args.newtoken
    const change = {
      type: 'set-tokens',
      ...(flags.read ? {read: token} : {}),
      ...(flags.write ? {write: token} : {}),
    } as const
    const {tag} = await withCluster(flags, client =>
      client.changeTag(tagNameOf(args.tag), {change}, {tagToken: flags['tag-token']}),
    )
    return tag
  }
}
