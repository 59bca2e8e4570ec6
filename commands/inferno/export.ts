import {Args, Flags} from '@oclif/core'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {ruleFlags} from '../../src/cli/run-flags.ts'

export default class Export extends BaseCommand {
  static override summary = 'Write a rule as a query for ClickHouse or DuckDB, to keep'
  static override description =
    'The query gives the same rows and the same account as the rule. A rule with something that has no exact equal is refused, with all the reasons.'
  static override examples = [
    '<%= config.bin %> inferno export clicks.by_site --sql clickhouse',
    '<%= config.bin %> inferno export rules/clicks.ts --sql duckdb -i "logs/*.json" --out clicks.sql',
    '<%= config.bin %> inferno export clicks.by_site --sql clickhouse --create -i table:web.logs',
  ]
  static override args = {
    rule: Args.string({description: 'MODULE[.RULE[.KEYSET]] or PATH.ts[:RULE[.KEYSET]]', required: true}),
  }
  static override flags = {
    sql: Flags.string({description: 'whose SQL', options: ['clickhouse', 'duckdb'], required: true}),
    input: Flags.string({
      char: 'i',
      description:
        "file or quoted glob of JSON lines, as the engine reads it, at the head of the query (default 'logs/*.json'); with --create a table (default table:logs)",
      helpValue: 'PATH|table:NAME',
    }),
    create: Flags.boolean({
      description: 'write tables and materialised views that keep the rows up to date (ClickHouse)',
    }),
    out: Flags.string({char: 'o', description: 'write the query into this file', helpValue: 'FILE'}),
    ...ruleFlags,
  }

  async run(): Promise<unknown> {
    const {args, flags} = await this.parse(Export)
    const {exportRules} = await import('../../src/cli/export-sql.ts')
    return exportRules(args.rule, flags)
  }
}
