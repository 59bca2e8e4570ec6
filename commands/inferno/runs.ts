import {Args, Flags} from '@oclif/core'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {stateFlags} from '../../src/cli/daemon/state-flags.ts'

export default class Runs extends BaseCommand {
  static override summary = 'List the runs of the daemon, newest first'
  static override examples = ['<%= config.bin %> inferno runs', '<%= config.bin %> inferno runs clicks.daily --json']
  static override args = {rule: Args.string({description: 'only of this rule: MODULE.RULE'})}
  static override flags = {
    ...stateFlags,
    count: Flags.integer({char: 'c', description: 'newest runs to show', default: 20, min: 1, max: 1000}),
  }

  async run(): Promise<unknown> {
    const {flags, args} = await this.parse(Runs)
    const [{openState, assertKnown}, {runInfo, runsText}] = await Promise.all([
      import('../../src/cli/daemon/state-folder.ts'),
      import('../../src/cli/daemon/runs-text.ts'),
    ])
    const {state} = await openState(flags)
    try {
      const runs = state.runs(args.rule, flags.count).map(runInfo)
      // A rule that is gone has runs still.
      if (args.rule !== undefined && runs.length === 0) assertKnown(args.rule, state.known())
      if (!flags.json) process.stdout.write(runsText(runs, Date.now()))
      return runs
    } finally {
      state.close()
    }
  }
}
