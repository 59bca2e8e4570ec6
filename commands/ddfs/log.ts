import {Args, Flags} from '@oclif/core'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {tagFlags} from '../../src/cli/cluster-flags.ts'

export default class Log extends BaseCommand {
  static override summary = 'Show the history of a tag: which change, when, by whom'
  static override examples = ['<%= config.bin %> ddfs log data:clicks -c 20']
  static override args = {tag: Args.string({description: 'tag', required: true})}
  static override flags = {
    ...tagFlags,
    count: Flags.integer({char: 'c', description: 'newest changes to show', default: 50, min: 1, max: 1000}),
  }

  async run(): Promise<unknown> {
    const {flags, args} = await this.parse(Log)
    const [{withCluster}, {tagNameOf}, {aligned, timeText}] = await Promise.all([
      import('../../src/client/index.ts'),
      import('../../src/cli/ddfs/tag-arguments.ts'),
      import('../../src/cli/ddfs/text.ts'),
    ])
    const {lines} = await withCluster(flags, client =>
      client.readLog(tagNameOf(args.tag), flags.count, {tagToken: flags['tag-token']}),
    )
    if (!flags.json) {
      const rows = lines.map(line => [
        String(line.version.counter),
        timeText(line.atMs),
        line.change,
        line.addedCount > 0 ? `+${line.addedCount}` : '',
        line.removedCount > 0 ? `-${line.removedCount}` : '',
        line.by,
      ])
      process.stdout.write(aligned([['version', 'time (UTC)', 'change', 'added', 'removed', 'by'], ...rows]))
    }
    return lines
  }
}
