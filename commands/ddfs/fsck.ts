import {Args} from '@oclif/core'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {clusterFlags} from '../../src/cli/cluster-flags.ts'

export default class Fsck extends BaseCommand {
  static override summary = 'Check that every blob of every tag has its copies, and every tag its own'
  static override description =
    'Reads only. The exit status is 1 when something is wrong. Copies beyond those wanted are no problem: they go by themselves. To read the bytes of all blobs again use ddfs scrub.'
  static override examples = ['<%= config.bin %> ddfs fsck', '<%= config.bin %> ddfs fsck data:clicks --json']
  static override args = {prefix: Args.string({description: 'check only tags that begin so'})}
  static override flags = clusterFlags

  async run(): Promise<unknown> {
    const {flags, args} = await this.parse(Fsck)
    const [{withCluster}, {countText}, {printable}] = await Promise.all([
      import('../../src/client/index.ts'),
      import('../../src/cli/ddfs/text.ts'),
      import('../../src/base/index.ts'),
    ])
    const info = await withCluster(flags, client =>
      client.check(args.prefix === undefined ? {} : {prefix: args.prefix}),
    )
    if (info.problemCount > 0) process.exitCode = 1
    if (!flags.json) {
      for (const {kind, detail} of info.problems) process.stdout.write(`${kind}\t${printable(detail)}\n`)
      const more = info.problemCount - info.problems.length
      if (more > 0) process.stdout.write(`and ${more} more\n`)
      const seen = `${countText(info.tagCount, 'tag')}, ${countText(info.blobCount, 'blob')}`
      const found = info.problemCount === 0 ? 'all is well' : countText(info.problemCount, 'problem')
      const {surplusCount = 0} = info
      const blobs = surplusCount === 1 ? '1 blob has' : `${surplusCount} blobs have`
      const surplus = surplusCount === 0 ? '' : `; ${blobs} more copies than wanted, which go by themselves`
      process.stderr.write(`${seen}: ${found}${surplus}\n`)
    }
    return info
  }
}
