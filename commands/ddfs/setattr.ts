import {Args} from '@oclif/core'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {tagFlags} from '../../src/cli/cluster-flags.ts'

export default class Setattr extends BaseCommand {
  static override summary = 'Set an attribute of a tag; the tag is made if it is new'
  static override examples = ['<%= config.bin %> ddfs setattr data:clicks owner web-team']
  static override args = {
    tag: Args.string({description: 'tag', required: true}),
    attribute: Args.string({description: 'name of the attribute, at most 1024 bytes', required: true}),
    value: Args.string({description: 'text, at most 4096 bytes', required: true}),
  }
  static override flags = tagFlags

  async run(): Promise<unknown> {
    const {flags, args} = await this.parse(Setattr)
    const [{withCluster}, {tagNameOf}] = await Promise.all([
      import('../../src/client/index.ts'),
      import('../../src/cli/ddfs/tag-arguments.ts'),
    ])
    const change = {type: 'set-attributes', set: {[args.attribute]: args.value}, unset: []} as const
    return withCluster(flags, client => client.changeTag(tagNameOf(args.tag), {change}, {tagToken: flags['tag-token']}))
  }
}
