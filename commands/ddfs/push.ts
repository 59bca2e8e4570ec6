import {Args, Flags} from '@oclif/core'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {tagFlags, writeFlags} from '../../src/cli/cluster-flags.ts'

export default class Push extends BaseCommand {
  static override summary = 'Store whole files under a tag'
  static override description =
    'What the cluster has already is not sent again: a push that was interrupted goes on where it stopped, and one that succeeded adds nothing when it is repeated.'
  static override examples = [
    '<%= config.bin %> ddfs push data:reports access.log',
    'tar c logs | <%= config.bin %> ddfs push data:backup -',
  ]
  static override strict = false
  static override args = {
    tag: Args.string({description: 'tag to add to; made if it is new', required: true}),
    file: Args.string({description: 'files, folders with -r, URLs, - for standard input', required: true}),
  }
  static override flags = {
    ...tagFlags,
    ...writeFlags,
    recursive: Flags.boolean({char: 'r', description: 'take all files of folders'}),
    duplicates: Flags.boolean({description: 'add an entry even if the tag has the same one'}),
  }

  async run(): Promise<unknown> {
    const {flags, argv} = await this.parse(Push)
    const [tag = '', ...files] = argv as string[]
    const [{pushInputs}, {inputsOf, totalBytes}, {tagNameOf}, {transfer}, {countText}] = await Promise.all([
      import('../../src/client/index.ts'),
      import('../../src/cli/ddfs/files.ts'),
      import('../../src/cli/ddfs/tag-arguments.ts'),
      import('../../src/cli/ddfs/transfer.ts'),
      import('../../src/cli/ddfs/text.ts'),
    ])
    const name = tagNameOf(tag)
    const inputs = inputsOf(files, flags.recursive)
    const shown = {verb: 'pushing', bytesTotal: totalBytes(inputs)}
    const pushed = await transfer(flags, shown, (client, hooks) =>
      pushInputs(client, name, inputs, {
        ...hooks,
        replicaCount: flags.replicas,
        minReplicas: flags['min-replicas'],
        tagToken: flags['tag-token'],
        unique: flags.duplicates ? 'none' : 'entry',
      }),
    )
    if (!flags.json) {
      process.stdout.write(pushed.files.map(({entry}) => `${entry.blob}\t${entry.name}\n`).join(''))
      const knownCount = pushed.files.filter(file => file.wasKnown).length
      const had = knownCount > 0 ? ` (${knownCount} of ${pushed.files.length} stored before, not sent again)` : ''
      process.stderr.write(`${countText(pushed.addedCount, 'blob')} added to ${name}${had}\n`)
    }
    return pushed
  }
}
