import {Args} from '@oclif/core'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {tagFlags} from '../../src/cli/cluster-flags.ts'

export default class Exists extends BaseCommand {
  static override summary = 'Tell by the exit status whether there is such a tag: 0 yes, 1 no'
  static override examples = ['<%= config.bin %> ddfs exists data:clicks && echo there']
  static override args = {tag: Args.string({description: 'tag', required: true})}
  static override flags = tagFlags

  async run(): Promise<unknown> {
    const {flags, args} = await this.parse(Exists)
    const [{withCluster}, {tagExists, tagNameOf}] = await Promise.all([
      import('../../src/client/index.ts'),
      import('../../src/cli/ddfs/tag-arguments.ts'),
    ])
    const exists = await withCluster(flags, client => tagExists(client, tagNameOf(args.tag), flags['tag-token']))
    if (!flags.json) process.stdout.write(`${exists ? 'yes' : 'no'}\n`)
    if (!exists) process.exitCode = 1
    return {exists}
  }
}
