import {Args} from '@oclif/core'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {ignoreMissingFlag, prefixFlag, tagFlags} from '../../src/cli/cluster-flags.ts'
import type {PlacedEntry} from '../../src/cli/ddfs/placed-entries.ts'

export default class Blobs extends BaseCommand {
  static override summary = 'List the blobs of tags, and of the tags in them, with the URLs of their copies'
  static override description =
    'One blob a line: the URLs of its copies with tabs between them, live nodes first. A blob that no node holds at the moment stands there by its id, and the exit status is 1.'
  static override examples = [
    '<%= config.bin %> ddfs blobs data:clicks:2026-11-23',
    '<%= config.bin %> ddfs blobs -p data:clicks --json',
  ]
  static override strict = false
  static override args = {tag: Args.string({description: 'tags', required: true})}
  static override flags = {...tagFlags, prefix: prefixFlag, ignore: ignoreMissingFlag}

  async run(): Promise<unknown> {
    const {flags, argv} = await this.parse(Blobs)
    const [{withCluster}, {tagsOf}, {placedEntries}, {tabbed}, {note, writeLines}] = await Promise.all([
      import('../../src/client/index.ts'),
      import('../../src/cli/ddfs/tag-arguments.ts'),
      import('../../src/cli/ddfs/placed-entries.ts'),
      import('../../src/cli/ddfs/text.ts'),
      import('../../src/cli/ddfs/write-out.ts'),
    ])
    return withCluster(flags, async client => {
      const tags = await tagsOf(client, argv as string[], flags.prefix)
      const onMissing = flags.ignore ? (tag: string) => note(`there is no tag ${tag}`) : undefined
      const placed = async function* (): AsyncGenerator<PlacedEntry> {
        for await (const one of placedEntries(client, tags, {tagToken: flags['tag-token'], onMissing})) {
          if (one.urls.length === 0) process.exitCode = 1
          yield one
        }
      }
      if (flags.json) return Array.fromAsync(placed())
      const lines = async function* (): AsyncGenerator<string> {
        for await (const {urls, entry} of placed()) {
          yield tabbed([urls.length === 0 && entry.type === 'blob' ? [entry.blob] : urls])
        }
      }
      await writeLines(lines())
      return undefined
    })
  }
}
