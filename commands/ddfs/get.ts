import {Args} from '@oclif/core'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {tagFlags} from '../../src/cli/cluster-flags.ts'

export default class Get extends BaseCommand {
  static override summary = 'Print a tag as JSON: what is known of it, and its entries'
  static override examples = ['<%= config.bin %> ddfs get data:clicks:2026-11-23']
  static override args = {tag: Args.string({description: 'tag', required: true})}
  static override flags = tagFlags

  async run(): Promise<unknown> {
    const {flags, args} = await this.parse(Get)
    const [{withCluster, readAllEntries}, {tagNameOf}] = await Promise.all([
      import('../../src/client/index.ts'),
      import('../../src/cli/ddfs/tag-arguments.ts'),
    ])
    const tag = tagNameOf(args.tag)
    const options = {tagToken: flags['tag-token']}
    const object = await withCluster(flags, async client => {
      const info = await client.readTag(tag, options)
      const entries = []
      for await (const {entry} of readAllEntries(client, tag, options)) entries.push(entry)
      return {...info, entries}
    })
    if (!flags.json) process.stdout.write(`${JSON.stringify(object, null, 2)}\n`)
    return object
  }
}
