import {Args, Flags} from '@oclif/core'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {tagFlags, writeFlags} from '../../src/cli/cluster-flags.ts'

export default class Tag extends BaseCommand {
  static override summary = 'Add tags, blobs and URLs to a tag'
  static override examples = [
    '<%= config.bin %> ddfs tag data:november data:clicks:2026-11-22 data:clicks:2026-11-23',
    '<%= config.bin %> ddfs tag data:elsewhere http://example.org/a.log',
  ]
  static override strict = false
  static override args = {
    newtag: Args.string({description: 'tag to add to; made if it is new', required: true}),
    entry: Args.string({description: 'tags, blobs (64 hexadecimal digits) and URLs', required: true}),
  }
  static override flags = {
    ...tagFlags,
    replicas: writeFlags.replicas,
    'if-version': Flags.integer({
      description: 'only if this is the version of the tag (ddfs stat); 0: only if it is new',
      min: 0,
    }),
    duplicates: Flags.boolean({description: 'add an entry even if the tag has the same one'}),
  }

  async run(): Promise<unknown> {
    const {flags, argv} = await this.parse(Tag)
    const [tag = '', ...texts] = argv as string[]
    const [{withCluster}, {entryOf, tagNameOf}, {countText}] = await Promise.all([
      import('../../src/client/index.ts'),
      import('../../src/cli/ddfs/tag-arguments.ts'),
      import('../../src/cli/ddfs/text.ts'),
    ])
    const name = tagNameOf(tag)
    const answer = await withCluster(flags, async client => {
      const entries = []
      for (const text of texts) entries.push(await entryOf(client, text))
      return client.changeTag(
        name,
        {
          change: {type: 'append', entries, unique: flags.duplicates ? 'none' : 'entry'},
          ...(flags['if-version'] === undefined ? {} : {ifVersion: flags['if-version']}),
          ...(flags.replicas === undefined ? {} : {replicaCount: flags.replicas}),
        },
        {tagToken: flags['tag-token']},
      )
    })
    if (!flags.json) process.stderr.write(`${countText(answer.addedCount, 'entry', 'entries')} added to ${name}\n`)
    return answer
  }
}
