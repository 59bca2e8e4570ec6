import {Args} from '@oclif/core'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {tagFlags} from '../../src/cli/cluster-flags.ts'

export default class Restore extends BaseCommand {
  static override summary = 'Bring deleted tags back, with all that was in them'
  static override examples = ['<%= config.bin %> ddfs restore data:old']
  static override strict = false
  static override args = {tag: Args.string({description: 'tags; see them with: ddfs ls -d', required: true})}
  static override flags = tagFlags

  async run(): Promise<unknown> {
    const {flags, argv} = await this.parse(Restore)
    const [{withCluster}, {tagNameOf}, {countText}] = await Promise.all([
      import('../../src/client/index.ts'),
      import('../../src/cli/ddfs/tag-arguments.ts'),
      import('../../src/cli/ddfs/text.ts'),
    ])
    return withCluster(flags, async client => {
      const restored = []
      for (const text of argv as string[]) {
        const {tag} = await client.changeTag(
          tagNameOf(text),
          {change: {type: 'restore'}},
          {tagToken: flags['tag-token']},
        )
        restored.push(tag)
        if (!flags.json) process.stdout.write(`restored ${tag.tag}: ${countText(tag.entryCount, 'entry', 'entries')}\n`)
      }
      return restored
    })
  }
}
