import {Args, Flags} from '@oclif/core'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {tagFlags} from '../../src/cli/cluster-flags.ts'
import type {Deref as Found} from '../../src/cli/jobs/deref.ts'

export default class Deref extends BaseCommand {
  static override summary = 'Print where the bytes of tags, blobs and results are'
  static override description =
    "A line for each blob or file: its URLs with tabs between. They are read with the cluster's token. Without addresses, or for -, addresses are lines of standard input."
  static override examples = [
    '<%= config.bin %> disco deref tag://data:texts',
    '<%= config.bin %> disco deref job://@',
    'echo data:texts | <%= config.bin %> disco deref -',
  ]
  static override strict = false
  static override args = {
    address: Args.string({description: 'tag://NAME (or the name), blob://ID, job://NAME (@ is the newest), http://…'}),
  }
  static override flags = {
    ...tagFlags,
    jobs: Flags.boolean({char: 'j', description: 'the addresses are names of jobs: those of their results'}),
  }

  async run(): Promise<unknown> {
    const {flags, argv} = await this.parse(Deref)
    const [{withCluster}, {addressesOf, dereference}, {tabbed}, {writeLines}] = await Promise.all([
      import('../../src/client/index.ts'),
      import('../../src/cli/jobs/deref.ts'),
      import('../../src/cli/ddfs/text.ts'),
      import('../../src/cli/ddfs/write-out.ts'),
    ])
    return await withCluster(flags, async client => {
      const options = {tagToken: flags['tag-token'], areJobs: flags.jobs}
      const all = async function* (): AsyncGenerator<Found> {
        for await (const address of addressesOf(argv as string[], process.stdin)) {
          yield* dereference(client, address, options)
        }
      }
      if (flags.json) return await Array.fromAsync(all())
      const lines = async function* (): AsyncGenerator<string> {
        for await (const {urls} of all()) yield tabbed([urls])
      }
      await writeLines(lines())
      return undefined
    })
  }
}
