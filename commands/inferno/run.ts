import {Args, Flags} from '@oclif/core'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {clusterFlags} from '../../src/cli/cluster-flags.ts'
import {
  chosenRowsFlags,
  inputFlags,
  outputFlags,
  ruleFlags,
  scanFlags,
  sinkFlags,
  sourceFlags,
  tagRunFlags,
} from '../../src/cli/run-flags.ts'

export default class Run extends BaseCommand {
  static override summary = 'Run a rule over files, or over the tags of a cluster'
  static override description = `Reads every input once, groups it by each keyset of the rule and prints the rows.
RULE is MODULE[.RULE[.KEYSET]] in the rules directory, or a file: PATH.ts[:RULE[.KEYSET]].
Without --input a rule that names sourceTags runs on the cluster, over the blobs of those tags; --dry-run says which.
Rows go to standard output (or to --out, or to the rule's resultProcessor), everything else to standard error.`
  static override examples = [
    "<%= config.bin %> inferno run clicks --input 'logs/*.json'",
    '<%= config.bin %> inferno run rules/clicks.ts:by_site --input logs --out results',
    'zstd -dc big.zst | <%= config.bin %> inferno run clicks.by_site --input - --format csv',
    '<%= config.bin %> inferno run clicks.by_site --day-start 2026-11-22 --dry-run',
    "<%= config.bin %> inferno run clicks.by_site --engine 'clickhouse=http://me:$PASSWORD@db:8123/logs' --input table:clicks --dry-run",
  ]
  static override args = {
    rule: Args.string({description: 'MODULE[.RULE[.KEYSET]] or PATH.ts[:RULE[.KEYSET]]', required: true}),
  }
  static override flags = {
    ...inputFlags,
    ...ruleFlags,
    ...outputFlags,
    ...chosenRowsFlags,
    ...scanFlags,
    ...sinkFlags,
    ...sourceFlags,
    ...tagRunFlags,
    ...clusterFlags,
    'dry-run': Flags.boolean({char: 'n', description: 'say what would be read and printed, read nothing'}),
    watch: Flags.boolean({char: 'w', description: 'run again whenever the rule or an input changes'}),
  }

  async run(): Promise<unknown> {
    const {args, flags} = await this.parse(Run)
    const {runRules} = await import('../../src/cli/run-rules.ts')
    return runRules(args.rule, flags)
  }
}
