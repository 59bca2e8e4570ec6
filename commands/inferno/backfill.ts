import {Args, Flags} from '@oclif/core'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {clusterFlags} from '../../src/cli/cluster-flags.ts'
import {outputFlags, ruleFlags, scanFlags, sinkAddressFlag, sinkFlags, tagRunFlags} from '../../src/cli/run-flags.ts'

export default class Backfill extends BaseCommand {
  static override summary = 'Run a rule over each day of a range, oldest first'
  static override description =
    `One run, and one batch of the sink, a day. Days that are done are left out: their blobs are archived, or the sink has the batch.
At the end, or at once with --dry-run: which days have no tag or no blobs. A failed day ends it; the same command goes on there.`
  static override examples = [
    '<%= config.bin %> inferno backfill clicks.by_site --from 2026-11-01 --to 2026-11-30 --dry-run',
    '<%= config.bin %> inferno backfill clicks.by_site --from 2026-11-01 --to 2026-11-30',
  ]
  static override args = {rule: Args.string({description: 'MODULE.RULE or PATH.ts[:RULE]', required: true})}
  static override flags = {
    from: Flags.string({description: 'first day', helpValue: 'YYYY-MM-DD', required: true}),
    to: Flags.string({description: 'last day', helpValue: 'YYYY-MM-DD', required: true}),
    'dry-run': Flags.boolean({char: 'n', description: 'say which days would be run and which have gaps, run none'}),
    ...ruleFlags,
    ...outputFlags,
    sink: sinkAddressFlag,
    mode: sinkFlags.mode,
    ...scanFlags,
    force: tagRunFlags.force,
    'no-cache': tagRunFlags['no-cache'],
    'allow-missing': tagRunFlags['allow-missing'],
    'result-tag': tagRunFlags['result-tag'],
    ...clusterFlags,
  }

  async run(): Promise<unknown> {
    const {args, flags} = await this.parse(Backfill)
    const {runBackfill} = await import('../../src/cli/backfill.ts')
    return runBackfill(args.rule, flags)
  }
}
