import {Args, Flags} from '@oclif/core'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {bytesOf, tagFlags, writeFlags} from '../../src/cli/cluster-flags.ts'
import {cutFlags} from '../../src/cli/ddfs/cut-flags.ts'
import type {ChunkOptions} from '../../src/client/index.ts'

export default class Chunk extends BaseCommand {
  static override summary = 'Store logs under a tag, cut at record ends and compressed'
  static override description =
    `A chunk holds about 64 MiB of text and whole records only: lines, or rows of CSV (files called .csv or .tsv, or with --csv), whose header then goes before every chunk. Compressed input (.gz, .zst) is taken as the text in it. Chunks are plain .zst or .gz files: zstd -dc reads them.

Run again after an interruption it sends only what is missing; the tag changes at the end, all at once.`
  static override examples = [
    '<%= config.bin %> ddfs chunk data:clicks:2026-11-23 access.log',
    'cat access.log | <%= config.bin %> ddfs chunk data:clicks:2026-11-23 --gzip -',
    '<%= config.bin %> ddfs chunk data:clicks:2026-11-23 --statistics time,site access.log',
  ]
  static override strict = false
  static override args = {
    tag: Args.string({description: 'tag to add to; made if it is new', required: true}),
    file: Args.string({description: 'files, folders with -r, URLs, tag://TAG, - for standard input', required: true}),
  }
  static override flags = {
    ...tagFlags,
    ...writeFlags,
    recursive: Flags.boolean({char: 'r', description: 'take all files of folders'}),
    size: Flags.string({
      char: 'S',
      description: 'text in a chunk, before compression',
      default: '64MiB',
      helpValue: 'BYTES',
    }),
    ...cutFlags,
    lines: Flags.boolean({description: 'cut files called .csv and .tsv at line ends, too', exclusive: ['csv']}),
    update: Flags.boolean({char: 'u', description: 'leave out chunks whose name the tag has, whatever is in them'}),
    duplicates: Flags.boolean({description: 'add an entry even if the tag has the same one', exclusive: ['update']}),
  }

  async run(): Promise<unknown> {
    const {flags, argv} = await this.parse(Chunk)
    const [tag = '', ...files] = argv as string[]
    const [{chunkInputs, chunkBytesMin, chunkBytesMax}, {inputsOf, totalBytes}, {tagNameOf}, {transfer}, {countText}] =
      await Promise.all([
        import('../../src/client/index.ts'),
        import('../../src/cli/ddfs/files.ts'),
        import('../../src/cli/ddfs/tag-arguments.ts'),
        import('../../src/cli/ddfs/transfer.ts'),
        import('../../src/cli/ddfs/text.ts'),
        import('../../src/daemon/index.ts'),
      ])
    const {UserError, formatBytes} = await import('../../src/base/index.ts')
    const name = tagNameOf(tag)
    const inputs = inputsOf(files, flags.recursive)
    const chunkBytes = bytesOf('size', flags.size)
    if (chunkBytes < chunkBytesMin || chunkBytes > chunkBytesMax) {
      throw new UserError('BAD_FLAG', `--size must be from ${chunkBytesMin} to ${chunkBytesMax} bytes`, {exitCode: 2})
    }
    const factsOf = flags.statistics === undefined ? undefined : await factsFor(flags.statistics)
    const isGuessed = !flags.csv && !flags.lines && flags.statistics === undefined
    const guessed = isGuessed ? await (await import('../../src/cli/ddfs/guess-cut.ts')).guessCut(inputs) : {}
    const {separator = ',', hasHeader} = guessed.csv ?? {separator: flags.separator, hasHeader: !flags['no-header']}
    const isCsv = flags.csv || guessed.csv !== undefined
    if (separator.length !== 1 || !/^[\x00-\x7f]$/.test(separator) || /["\r\n]/.test(separator)) {
      throw new UserError('BAD_FLAG', '--separator must be one ASCII character, and neither a quote nor a line end', {
        exitCode: 2,
      })
    }
    if (guessed.note !== undefined && !flags.json) process.stderr.write(`${guessed.note}\n`)
    const isCompressed = inputs.some(input => /\.(gz|zst)$/.test(input.name))
    const shown = {verb: 'chunking', bytesTotal: isCompressed ? undefined : totalBytes(inputs)}
    const chunked = await transfer(flags, shown, (client, hooks) =>
      chunkInputs(client, name, inputs, {
        ...hooks,
        replicaCount: flags.replicas,
        minReplicas: flags['min-replicas'],
        tagToken: flags['tag-token'],
        unique: flags.duplicates ? 'none' : flags.update ? 'name' : 'entry',
        codec: flags.plain ? 'plain' : flags.gzip ? 'gzip' : 'zstd',
        chunkBytes,
        recordBytesMax: bytesOf('max-record', flags['max-record']),
        format: isCsv ? {type: 'csv', separator: separator.charCodeAt(0)} : {type: 'lines'},
        factsOf,
        hasHeader: isCsv && hasHeader,
      }),
    )
    if (!flags.json) {
      process.stdout.write(chunked.chunks.map(({entry}) => `${entry.blob}\t${entry.name}\n`).join(''))
      const {recordCount, rawBytes, bytes, addedCount} = chunked
      const sizes = `${formatBytes(rawBytes)} as ${formatBytes(bytes)}`
      const knownCount = chunked.chunks.filter(chunk => chunk.wasKnown).length
      const had = knownCount > 0 ? ` (${knownCount} of ${chunked.chunks.length} stored before, not sent again)` : ''
      const added = `${countText(addedCount, 'chunk')} added to ${name}${had}`
      process.stderr.write(`${added}: ${countText(recordCount, 'record')}, ${sizes}\n`)
    }
    return chunked
  }
}

/** Loaded only when it is asked for: it reads records as rules do. */
async function factsFor(texts: readonly string[]): Promise<ChunkOptions['factsOf']> {
  const {statisticsFields, statisticsMaker} = await import('../../src/daemon/index.ts')
  return statisticsMaker(statisticsFields(texts))
}
