import {Flags} from '@oclif/core'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {readArgs, readFlags} from '../../src/cli/ddfs/read-flags.ts'

export default class Xcat extends BaseCommand {
  static override summary = 'Write the records of blobs to standard output, decompressed'
  static override description =
    "As ddfs cat; gzip, zstd and Disco's streams of records are recognised by their first bytes and taken off. Fields of Disco's records have tabs between them."
  static override examples = [
    '<%= config.bin %> ddfs xcat data:clicks:2026-11-23 | head',
    '<%= config.bin %> ddfs xcat -p data:clicks | <%= config.bin %> inferno query -k domain -v count -',
  ]
  static override strict = false
  static override args = readArgs
  static override flags = {
    ...readFlags,
    'disco-stream': Flags.boolean({
      description: "write the lines as a stream of records that Disco's chain_reader reads",
    }),
  }
  static override enableJsonFlag = false

  async run(): Promise<void> {
    const {flags, argv} = await this.parse(Xcat)
    const {writeSources} = await import('../../src/cli/ddfs/read-sources.ts')
    await writeSources(argv as string[], flags, 'text')
  }
}
