import {Args, Flags} from '@oclif/core'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {tagFlags} from '../../src/cli/cluster-flags.ts'

export default class Untag extends BaseCommand {
  static override summary = 'Take entries out of a tag; blobs that no tag names are collected later'
  static override examples = ['<%= config.bin %> ddfs untag data:november data:clicks:2026-11-22']
  static override strict = false
  static override args = {
    tag: Args.string({description: 'tag', required: true}),
    entry: Args.string({description: 'tags, blobs (64 hexadecimal digits) and URLs', required: true}),
  }
  static override flags = {
    ...tagFlags,
    'if-version': Flags.integer({description: 'only if this is the version of the tag (ddfs stat)', min: 0}),
  }

  async run(): Promise<unknown> {
    const {flags, argv} = await this.parse(Untag)
    const [tag = '', ...texts] = argv as string[]
    const [{withCluster}, {tagNameOf}, {isBlobId}, {countText}] = await Promise.all([
      import('../../src/client/index.ts'),
      import('../../src/cli/ddfs/tag-arguments.ts'),
      import('../../src/protocol/index.ts'),
      import('../../src/cli/ddfs/text.ts'),
    ])
    const name = tagNameOf(tag)
    // A blob goes whatever it was called, and whether or not it can be seen at the moment.
    const entries = texts.map(text => {
      if (isBlobId(text)) return {type: 'blob', blob: text, name: '', bytes: 0} as const
      return /^https?:\/\//.test(text)
        ? ({type: 'url', urls: [text]} as const)
        : ({type: 'tag', tag: tagNameOf(text)} as const)
    })
    const answer = await withCluster(flags, client =>
      client.changeTag(
        name,
        {
          change: {type: 'remove', entries},
          ...(flags['if-version'] === undefined ? {} : {ifVersion: flags['if-version']}),
        },
        {tagToken: flags['tag-token']},
      ),
    )
    if (!flags.json)
      process.stderr.write(`${countText(answer.removedCount, 'entry', 'entries')} taken out of ${name}\n`)
    if (answer.removedCount === 0) process.exitCode = 1
    return answer
  }
}
