import {Args, Flags} from '@oclif/core'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {clusterFlags} from '../../src/cli/cluster-flags.ts'
import {ruleFlags} from '../../src/cli/run-flags.ts'

export default class Explain extends BaseCommand {
  static override summary = 'Show what a rule does, step by step, and what runs it'
  static override description =
    'Of a rule that reads tags also which tags and blobs it would read now, if a cluster answers.'
  static override examples = [
    '<%= config.bin %> inferno explain clicks.by_site',
    '<%= config.bin %> inferno explain rules/clicks.ts --json',
    '<%= config.bin %> inferno explain clicks.by_site --engine clickhouse',
  ]
  static override args = {
    rule: Args.string({description: 'MODULE[.RULE[.KEYSET]] or PATH.ts[:RULE[.KEYSET]]', required: true}),
  }
  static override flags = {
    'rules-directory': ruleFlags['rules-directory'],
    settings: ruleFlags.settings,
    engine: Flags.string({
      description: 'print the query for another engine instead, or why there is none',
      options: ['clickhouse', 'duckdb'],
    }),
    ...clusterFlags,
  }

  async run(): Promise<unknown> {
    const {args, flags} = await this.parse(Explain)
    if (flags.engine !== undefined) {
      const {explainSql} = await import('../../src/cli/export-sql.ts')
      return explainSql(args.rule, flags.engine === 'duckdb' ? 'duckdb' : 'clickhouse', flags)
    }
    const [{lazyClient, targetsOf}, {explainRule, explainText}, {explainTags, tagsText}] = await Promise.all([
      import('../../src/cli/rule-targets.ts'),
      import('../../src/cli/rule-tools.ts'),
      import('../../src/cli/explain-tags.ts'),
    ])
    await using cluster = lazyClient(flags)
    const explanations: unknown[] = []
    for (const target of await targetsOf(args.rule, flags)) {
      const explanation = explainRule(target)
      const tags = await explainTags(target, flags, cluster.get)
      if (!flags.json) {
        const separator = explanations.length === 0 ? '' : '\n'
        process.stdout.write(separator + explainText(explanation) + (tags === undefined ? '' : tagsText(tags)))
      }
      explanations.push(tags === undefined ? explanation : {...explanation, tags})
    }
    return explanations
  }
}
