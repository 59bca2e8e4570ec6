import {Args} from '@oclif/core'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {tagFlags} from '../../src/cli/cluster-flags.ts'

export default class Attrs extends BaseCommand {
  static override summary = 'List the attributes of a tag'
  static override examples = ['<%= config.bin %> ddfs attrs data:clicks']
  static override args = {tag: Args.string({description: 'tag', required: true})}
  static override flags = tagFlags

  async run(): Promise<unknown> {
    const {flags, args} = await this.parse(Attrs)
    const [{withCluster}, {tagNameOf}, {tabbed}] = await Promise.all([
      import('../../src/client/index.ts'),
      import('../../src/cli/ddfs/tag-arguments.ts'),
      import('../../src/cli/ddfs/text.ts'),
    ])
    const info = await withCluster(flags, client => client.readTag(tagNameOf(args.tag), {tagToken: flags['tag-token']}))
    if (!flags.json) process.stdout.write(tabbed(Object.entries(info.attributes)))
    return info.attributes
  }
}
