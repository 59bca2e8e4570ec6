import {Args} from '@oclif/core'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {tagFlags} from '../../src/cli/cluster-flags.ts'

export default class Getattr extends BaseCommand {
  static override summary = 'Print one attribute of a tag'
  static override examples = ['<%= config.bin %> ddfs getattr data:clicks owner']
  static override args = {
    tag: Args.string({description: 'tag', required: true}),
    attribute: Args.string({description: 'name of the attribute', required: true}),
  }
  static override flags = tagFlags

  async run(): Promise<unknown> {
    const {flags, args} = await this.parse(Getattr)
    const [{withCluster}, {tagNameOf}, {didYouMean, printable, UserError}] = await Promise.all([
      import('../../src/client/index.ts'),
      import('../../src/cli/ddfs/tag-arguments.ts'),
      import('../../src/base/index.ts'),
    ])
    const info = await withCluster(flags, client => client.readTag(tagNameOf(args.tag), {tagToken: flags['tag-token']}))
    const value = info.attributes[args.attribute]
    if (value === undefined || !Object.hasOwn(info.attributes, args.attribute)) {
      const near = didYouMean(args.attribute, Object.keys(info.attributes))
      throw new UserError('ATTRIBUTE_NOT_FOUND', `${info.tag} has no attribute "${printable(args.attribute)}"`, {
        hint: near === '' ? `see them with: ddfs attrs ${info.tag}` : near.trim(),
      })
    }
    if (!flags.json) process.stdout.write(`${process.stdout.isTTY ? printable(value) : value}\n`)
    return {value}
  }
}
