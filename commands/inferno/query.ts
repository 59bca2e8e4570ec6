import {Args, Flags} from '@oclif/core'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {chosenRowsFlags, csvFlags, outputFlags, ruleFlags, scanFlags, sinkFlags} from '../../src/cli/run-flags.ts'

export default class Query extends BaseCommand {
  static override summary = 'Group files by fields without writing a rule'
  static override description =
    `Keys are fields (dotted for nested ones) or day(time), hour(time), minute(time, 5), lower(field), extract(path, "^/[^/?]*") …
Values are fields to add up, count, or sum(f), min(f), max(f), avg(f), distinct(f), p95(f), topK(f,5), count(status >= 500) …; name=… renames a column.
Where a field stands may stand an expression as in --where, with a bracket: sum((price * count)), max(toFloat(replace(size, "kB$", "")))`
  static override examples = [
    "<%= config.bin %> inferno query -k campaign_id,domain -v count,price 'logs/*.json'",
    "<%= config.bin %> inferno query -k 'day(time)' -v 'count,slow=p95(ms)' --where 'status >= 500' access.ndjson",
    "<%= config.bin %> inferno query --since 1h -k path -v count --where 'status >= 500' --top 10 access.log",
    "<%= config.bin %> inferno query -k path -v 'count,share=avg(status >= 500)' --having 'share > 0.01' access.log",
    "<%= config.bin %> inferno query -k 'status,extract(path, \"^[^?]*\")' -v count --percent count --top 20 'access.log*'",
    '<%= config.bin %> inferno query -k Customer -v \'sum(toFloat(replace(Amount, ",", ".")))\' --delimiter \';\' export.csv',
    "<%= config.bin %> inferno query -k 'hour(time)' -v 'p95(ms)' --to sqlite:stats.db --table by_hour app.ndjson",
    'zstd -dc big.zst | <%= config.bin %> inferno query -k size -v count -',
  ]
  static override strict = false
  static override args = {
    files: Args.string({description: 'files, folders, quoted globs, or - for standard input'}),
  }
  static override flags = {
    key: Flags.string({
      char: 'k',
      multiple: true,
      multipleNonGreedy: true,
      description: 'fields to group by, separated by commas',
      helpValue: 'FIELDS',
    }),
    value: Flags.string({
      char: 'v',
      multiple: true,
      multipleNonGreedy: true,
      description: 'fields to add up, count, or aggregates, separated by commas',
      helpValue: 'VALUES',
    }),
    where: Flags.string({
      description: 'only records for which this holds: price > 0 and domain == "a.com"',
      helpValue: 'EXPRESSION',
    }),
    since: Flags.string({
      description:
        'only records from then on: 1h, 30m, 7d ago, or 2026-11-24, 2026-11-24T10:30 (UTC unless it says +01:00); whole minutes',
      helpValue: 'WHEN',
    }),
    until: Flags.string({description: 'only records before then; written as for --since', helpValue: 'WHEN'}),
    time: Flags.string({
      description:
        'the field that holds the time of a record, for --since and --until; without it, by the first records',
      helpValue: 'FIELD',
    }),
    'parse-json': Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      description:
        'read the JSON that is text in this field: its fields are FIELD.name; before --explode and --where; repeatable',
      helpValue: 'FIELD',
    }),
    explode: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      description: 'a record for each element of this list; before --where; repeatable',
      helpValue: 'LIST',
    }),
    from: Flags.string({
      description: 'how the input is written; without it, by its first bytes',
      options: ['json', 'csv', 'tsv', 'dynamic', 'logfmt', 'common-log', 'combined-log'],
    }),
    ...csvFlags,
    pattern: Flags.string({
      description: 'read lines by this regular expression with named groups (RE2)',
      helpValue: 'REGEX',
      exclusive: ['from', 'delimiter', 'names'],
    }),
    ...outputFlags,
    ...chosenRowsFlags,
    ...scanFlags,
    ...sinkFlags,
    table: Flags.string({description: 'its table there, instead of query', helpValue: 'NAME', helpGroup: 'SINK'}),
    settings: ruleFlags.settings,
  }

  async run(): Promise<unknown> {
    const {argv, flags} = await this.parse(Query)
    const {runQuery} = await import('../../src/cli/run-query.ts')
    return runQuery(argv as string[], flags)
  }
}
