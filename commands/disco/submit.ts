import {Args, Flags} from '@oclif/core'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {clusterFlags} from '../../src/cli/cluster-flags.ts'

export default class Submit extends BaseCommand {
  static override summary = 'Submit a job pack'
  static override description =
    'One of Disco, version 1 or 2, or one of this tool. Prints the name of the job. They are made by: disco job --dump.'
  static override examples = [
    '<%= config.bin %> disco submit count.pack',
    '<%= config.bin %> disco job count.py data:texts -f disco_worker.py -m -r --dump | <%= config.bin %> disco submit --wait',
  ]
  static override args = {pack: Args.string({description: 'a file; without it standard input'})}
  static override flags = {
    ...clusterFlags,
    wait: Flags.boolean({description: 'wait for the job and print its results'}),
  }

  async run(): Promise<unknown> {
    const {flags, args} = await this.parse(Submit)
    const {readPackFile, submitPack} = await import('../../src/cli/jobs/submit-pack.ts')
    return await submitPack(await readPackFile(args.pack, process.stdin), flags, args.pack ?? 'standard input')
  }
}
