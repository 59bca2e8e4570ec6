import {Args} from '@oclif/core'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {prefixFlag, tagFlags} from '../../src/cli/cluster-flags.ts'

export default class Stat extends BaseCommand {
  static override summary = 'Show what is known of tags, but not what stands in them'
  static override examples = ['<%= config.bin %> ddfs stat data:clicks:2026-11-23']
  static override strict = false
  static override args = {tag: Args.string({description: 'tags', required: true})}
  static override flags = {...tagFlags, prefix: prefixFlag}

  async run(): Promise<unknown> {
    const {flags, argv} = await this.parse(Stat)
    const [{withCluster}, {tagsOf}, {statText}] = await Promise.all([
      import('../../src/client/index.ts'),
      import('../../src/cli/ddfs/tag-arguments.ts'),
      import('../../src/cli/ddfs/stat-text.ts'),
    ])
    return withCluster(flags, async client => {
      const found = []
      for (const tag of await tagsOf(client, argv as string[], flags.prefix)) {
        const info = await client.readTag(tag, {tagToken: flags['tag-token']})
        if (!flags.json) process.stdout.write(`${found.length === 0 ? '' : '\n'}${statText(info)}`)
        found.push(info)
      }
      return found
    })
  }
}
