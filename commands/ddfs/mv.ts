import {Args, Flags} from '@oclif/core'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {tagFlags} from '../../src/cli/cluster-flags.ts'

export default class Mv extends BaseCommand {
  static override summary = 'Rename a tag'
  static override description =
    'The new tag is made before the old one is deleted, so nothing is lost on the way; a change of the old one in between stops the renaming.'
  static override examples = ['<%= config.bin %> ddfs mv incoming:clicks processed:clicks']
  static override args = {
    from: Args.string({description: 'tag', required: true}),
    to: Args.string({description: 'its new name', required: true}),
  }
  static override flags = {
    ...tagFlags,
    force: Flags.boolean({description: 'replace a tag that has the new name already'}),
  }

  async run(): Promise<unknown> {
    const {flags, args} = await this.parse(Mv)
    const [{withCluster}, {tagExists, tagNameOf}, {copyTag}, {UserError}] = await Promise.all([
      import('../../src/client/index.ts'),
      import('../../src/cli/ddfs/tag-arguments.ts'),
      import('../../src/cli/ddfs/copy-tag.ts'),
      import('../../src/base/index.ts'),
    ])
    const [from, to] = [tagNameOf(args.from), tagNameOf(args.to)]
    const options = {tagToken: flags['tag-token']}
    const info = await withCluster(flags, async client => {
      const {version} = await client.readTag(from, options)
      if (!flags.force && (await tagExists(client, to, flags['tag-token']))) {
        throw new UserError('BAD_FLAG', `there is a tag "${to}" already`, {hint: 'add --force to replace it'})
      }
      const copy = await copyTag(client, from, to, options)
      await client.changeTag(from, {change: {type: 'delete'}, ifVersion: version.counter}, options)
      return copy
    })
    if (!flags.json) process.stderr.write(`${from} is now ${to}\n`)
    return info
  }
}
