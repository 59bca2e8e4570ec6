import {Args, Flags} from '@oclif/core'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {tagFlags} from '../../src/cli/cluster-flags.ts'

export default class Ls extends BaseCommand {
  static override summary = 'List the names of tags that begin with a text'
  static override examples = ['<%= config.bin %> ddfs ls data:', '<%= config.bin %> ddfs ls -l']
  static override strict = false
  static override args = {prefix: Args.string({description: 'begins of names; all tags without one'})}
  static override flags = {
    ...tagFlags,
    long: Flags.boolean({char: 'l', description: 'entries, bytes, copies and time of the last change as well'}),
    recursive: Flags.boolean({char: 'r', description: 'what stands in the tags as well'}),
    deleted: Flags.boolean({char: 'd', description: 'deleted tags that can still be restored as well'}),
  }

  async run(): Promise<unknown> {
    const {flags, argv} = await this.parse(Ls)
    const [{withCluster}, {listedTags, listText}, {writeLines}] = await Promise.all([
      import('../../src/client/index.ts'),
      import('../../src/cli/ddfs/list-tags.ts'),
      import('../../src/cli/ddfs/write-out.ts'),
    ])
    const prefixes = argv.length === 0 ? [''] : (argv as string[])
    return withCluster(flags, async client => {
      if (flags.json) return Array.fromAsync(listedTags(client, prefixes, flags))
      await writeLines(listText(client, prefixes, flags))
      return undefined
    })
  }
}
