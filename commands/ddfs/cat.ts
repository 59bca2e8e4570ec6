import {BaseCommand} from '../../src/cli/base-command.ts'
import {readArgs, readFlags} from '../../src/cli/ddfs/read-flags.ts'

export default class Cat extends BaseCommand {
  static override summary = 'Write the bytes of blobs to standard output, as they are stored'
  static override description =
    'A file that exists is a file, 64 hexadecimal digits are a blob, http://… is a URL, everything else is a tag. Bytes are checked against the hash of the blob on their way.'
  static override examples = [
    '<%= config.bin %> ddfs cat data:reports',
    '<%= config.bin %> ddfs cat -p data:clicks > all.zst',
  ]
  static override strict = false
  static override args = readArgs
  static override flags = readFlags
  static override enableJsonFlag = false

  async run(): Promise<void> {
    const {flags, argv} = await this.parse(Cat)
    const {writeSources} = await import('../../src/cli/ddfs/read-sources.ts')
    await writeSources(argv as string[], flags, 'bytes')
  }
}
