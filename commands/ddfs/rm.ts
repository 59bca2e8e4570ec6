import {Args} from '@oclif/core'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {prefixFlag, tagFlags} from '../../src/cli/cluster-flags.ts'

export default class Rm extends BaseCommand {
  static override summary = 'Delete tags; they can be restored for some days'
  static override examples = ['<%= config.bin %> ddfs rm data:old', '<%= config.bin %> ddfs rm -p data:clicks:2025-']
  static override strict = false
  static override args = {tag: Args.string({description: 'tags', required: true})}
  static override flags = {...tagFlags, prefix: prefixFlag}

  async run(): Promise<unknown> {
    const {flags, argv} = await this.parse(Rm)
    const [{withCluster}, {tagsOf}] = await Promise.all([
      import('../../src/client/index.ts'),
      import('../../src/cli/ddfs/tag-arguments.ts'),
    ])
    return withCluster(flags, async client => {
      const deleted: {tag: string; existed: boolean}[] = []
      for (const tag of await tagsOf(client, argv as string[], flags.prefix)) {
        const {existed} = await client.changeTag(tag, {change: {type: 'delete'}}, {tagToken: flags['tag-token']})
        deleted.push({tag, existed})
        if (!flags.json) process.stdout.write(existed ? `deleted ${tag}\n` : `there was no tag ${tag}\n`)
      }
      return deleted
    })
  }
}
