import {Args} from '@oclif/core'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {ignoreMissingFlag, prefixFlag, tagFlags} from '../../src/cli/cluster-flags.ts'

export default class Find extends BaseCommand {
  static override summary = 'Show every way from tags to the tags and blobs in them'
  static override description =
    'One way a line, tabs between its steps. A link to a tag that does not exist is an error; with -i it is told and passed over.'
  static override examples = ['<%= config.bin %> ddfs find data:november']
  static override strict = false
  static override args = {tag: Args.string({description: 'tags', required: true})}
  static override flags = {...tagFlags, prefix: prefixFlag, ignore: ignoreMissingFlag}

  async run(): Promise<unknown> {
    const {flags, argv} = await this.parse(Find)
    const [{withCluster, walkTags}, {tagsOf}, {entryText}, {note, writeLines}] = await Promise.all([
      import('../../src/client/index.ts'),
      import('../../src/cli/ddfs/tag-arguments.ts'),
      import('../../src/cli/ddfs/text.ts'),
      import('../../src/cli/ddfs/write-out.ts'),
    ])
    return withCluster(flags, async client => {
      const tags = await tagsOf(client, argv as string[], flags.prefix)
      const onMissing = flags.ignore ? (tag: string) => note(`there is no tag ${tag}`) : undefined
      const ways = walkTags(client, tags, {tagToken: flags['tag-token'], onMissing})
      if (flags.json) return Array.fromAsync(ways)
      const lines = async function* (): AsyncGenerator<string> {
        for await (const {path, entry} of ways) {
          yield `${path.map(tag => `tag://${tag}`).join('\t')}\t${entryText(entry)}\n`
        }
      }
      await writeLines(lines())
      return undefined
    })
  }
}
