import {Args} from '@oclif/core'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {tagFlags} from '../../src/cli/cluster-flags.ts'

export default class Cp extends BaseCommand {
  static override summary = 'Copy a tag: its entries and its attributes; what the new one had is replaced'
  static override examples = ['<%= config.bin %> ddfs cp data:clicks data:clicks-kept']
  static override args = {
    from: Args.string({description: 'tag to copy', required: true}),
    to: Args.string({description: 'tag to make or to replace', required: true}),
  }
  static override flags = tagFlags

  async run(): Promise<unknown> {
    const {flags, args} = await this.parse(Cp)
    const [{withCluster}, {tagNameOf}, {copyTag}, {countText}] = await Promise.all([
      import('../../src/client/index.ts'),
      import('../../src/cli/ddfs/tag-arguments.ts'),
      import('../../src/cli/ddfs/copy-tag.ts'),
      import('../../src/cli/ddfs/text.ts'),
    ])
    const [from, to] = [tagNameOf(args.from), tagNameOf(args.to)]
    const info = await withCluster(flags, client => copyTag(client, from, to, {tagToken: flags['tag-token']}))
    if (!flags.json) process.stderr.write(`${to} has ${countText(info.entryCount, 'entry', 'entries')}\n`)
    return info
  }
}
