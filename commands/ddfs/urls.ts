import {Args} from '@oclif/core'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {prefixFlag, tagFlags} from '../../src/cli/cluster-flags.ts'
import type {TagEntry} from '../../src/protocol/index.ts'

export default class Urls extends BaseCommand {
  static override summary = 'List what stands in tags: blobs, links to tags, URLs; links are not followed'
  static override examples = ['<%= config.bin %> ddfs urls data:clicks', '<%= config.bin %> ddfs urls -p data: --json']
  static override strict = false
  static override args = {tag: Args.string({description: 'tags', required: true})}
  static override flags = {...tagFlags, prefix: prefixFlag}

  async run(): Promise<unknown> {
    const {flags, argv} = await this.parse(Urls)
    const [{withCluster, readAllEntries}, {tagsOf}, {entryText}, {writeLines}] = await Promise.all([
      import('../../src/client/index.ts'),
      import('../../src/cli/ddfs/tag-arguments.ts'),
      import('../../src/cli/ddfs/text.ts'),
      import('../../src/cli/ddfs/write-out.ts'),
    ])
    return withCluster(flags, async client => {
      const tags = await tagsOf(client, argv as string[], flags.prefix)
      const entries = async function* (): AsyncGenerator<{readonly tag: string; readonly entry: TagEntry}> {
        for (const tag of tags) {
          for await (const {entry} of readAllEntries(client, tag, {tagToken: flags['tag-token']})) yield {tag, entry}
        }
      }
      if (flags.json) return Array.fromAsync(entries())
      const lines = async function* (): AsyncGenerator<string> {
        for await (const {entry} of entries()) yield `${entryText(entry)}\n`
      }
      await writeLines(lines())
      return undefined
    })
  }
}
