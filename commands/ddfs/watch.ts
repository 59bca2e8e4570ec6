import {Args, Flags} from '@oclif/core'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {bytesOf, tagFlags, writeFlags} from '../../src/cli/cluster-flags.ts'
import {cutFlags} from '../../src/cli/ddfs/cut-flags.ts'

export default class Watch extends BaseCommand {
  static override summary = 'Follow a folder of logs and store what is written there'
  static override description =
    `Cuts what is new at record ends, by size or age, and adds it to tags as compressed chunks. What was pushed stands in a ledger: a kill at any moment loses and repeats nothing. Rotated, truncated and compressed (.gz, .zst) files are recognised.

The tag's name may hold {host}, {date} and {hour} (when the file was last written), {file}, {dir} and the named groups of --match. What cannot stand in a tag's name becomes _.

A last line without its end waits for it; with --once, and in files that rotation has renamed, it is taken as it is.`
  static override examples = [
    "<%= config.bin %> ddfs watch /var/log/nginx --tag 'incoming:{host}:chunk:clicks:{date}' --pattern 'access.log*'",
    "<%= config.bin %> ddfs watch logs --tag 'incoming:{site}:{day}' --match '^(?<site>[a-z]+)-(?<day>[0-9-]+)' --once",
    "<%= config.bin %> ddfs watch logs --tag 'incoming:{host}:{date}' --statistics time --once",
  ]
  // Results are lines of JSON, one a chunk, so `--json` is this command's own.
  static override enableJsonFlag = false
  static override args = {dir: Args.string({description: 'folder of logs', required: true})}
  static override flags = {
    ...tagFlags,
    ...writeFlags,
    tag: Flags.string({char: 't', description: 'name of the tags', required: true, helpValue: 'TEMPLATE'}),
    size: Flags.string({
      char: 'S',
      description: 'text in a chunk, before compression',
      default: '64MiB',
      helpValue: 'BYTES',
    }),
    age: Flags.string({
      description: 'what is there this long is pushed, even if it is small',
      default: '60s',
      helpValue: 'TIME',
    }),
    once: Flags.boolean({description: 'push what is there and exit'}),
    pattern: Flags.string({
      char: 'p',
      description: 'names of files to follow; repeatable. Without it all that are not hidden',
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'GLOB',
    }),
    match: Flags.string({
      description: 'follow only files whose name matches; its named groups are placeholders',
      helpValue: 'REGEX',
    }),
    recursive: Flags.boolean({char: 'r', description: 'folders in the folder, too'}),
    'from-end': Flags.boolean({description: 'at the first start skip what is there'}),
    timezone: Flags.string({description: 'for {date} and {hour}', default: 'UTC', helpValue: 'ZONE'}),
    poll: Flags.boolean({description: 'look every second instead of waiting for notices: for network file systems'}),
    ledger: Flags.string({
      description: 'file that remembers what was pushed; without it one in the home folder',
      helpValue: 'FILE',
    }),
    ...cutFlags,
    json: Flags.boolean({description: 'print one JSON object for each chunk'}),
    quiet: Flags.boolean({char: 'q', description: 'print nothing but errors'}),
  }

  async run(): Promise<void> {
    const {flags, args} = await this.parse(Watch)
    const {runWatch} = await import('../../src/daemon/index.ts')
    await runWatch(args.dir, {
      ...flags,
      chunkBytes: bytesOf('size', flags.size),
      recordBytesMax: bytesOf('max-record', flags['max-record']),
    })
  }
}
