import {Args} from '@oclif/core'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {tagFlags} from '../../src/cli/cluster-flags.ts'

export default class Delattr extends BaseCommand {
  static override summary = 'Take an attribute away from a tag'
  static override examples = ['<%= config.bin %> ddfs delattr data:clicks owner']
  static override args = {
    tag: Args.string({description: 'tag', required: true}),
    attribute: Args.string({description: 'name of the attribute', required: true}),
  }
  static override flags = tagFlags

  async run(): Promise<unknown> {
    const {flags, args} = await this.parse(Delattr)
    const [{withCluster}, {tagNameOf}] = await Promise.all([
      import('../../src/client/index.ts'),
      import('../../src/cli/ddfs/tag-arguments.ts'),
    ])
    const tag = tagNameOf(args.tag)
    const options = {tagToken: flags['tag-token']}
    return withCluster(flags, async client => {
      // To ask first keeps a misspelt name from making a tag.
      await client.readTag(tag, options)
      return client.changeTag(tag, {change: {type: 'set-attributes', set: {}, unset: [args.attribute]}}, options)
    })
  }
}
