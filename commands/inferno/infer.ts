import {Args, Flags} from '@oclif/core'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {csvFlags} from '../../src/cli/run-flags.ts'

export default class Infer extends BaseCommand {
  static override summary = 'Look at a file: its fields, their types, and a first rule for it'
  static override description =
    'The fields are shown on standard error, the rule goes to standard output: it runs as it is, redirect it into the rules folder.'
  static override examples = [
    '<%= config.bin %> inferno infer logs/a.json',
    '<%= config.bin %> inferno infer access.log > rules/access.ts',
    "<%= config.bin %> inferno infer export.csv --delimiter ';'",
  ]
  static override args = {
    file: Args.string({description: 'file to look at; gzip and zstd are unpacked', required: true}),
  }
  static override flags = {
    from: Flags.string({
      description: 'how the file is written; without it, by its first bytes',
      options: ['json', 'csv', 'tsv', 'logfmt', 'common-log', 'combined-log'],
    }),
    ...csvFlags,
  }

  async run(): Promise<unknown> {
    const {args, flags} = await this.parse(Infer)
    const {formatNodeOf, inferInput, inferText} = await import('../../src/cli/rule-tools.ts')
    const result = await inferInput(args.file, formatNodeOf(flags))
    if (!flags.json) {
      process.stderr.write(inferText(result))
      process.stdout.write(result.ruleSource)
    }
    return result
  }
}
