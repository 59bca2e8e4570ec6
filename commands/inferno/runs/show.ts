import {Args} from '@oclif/core'
import {BaseCommand} from '../../../src/cli/base-command.ts'
import {stateFlags} from '../../../src/cli/daemon/state-flags.ts'

export default class Show extends BaseCommand {
  static override summary = 'Show one run: rows, bytes, bad records, which blobs it read, by which plan'
  static override examples = ['<%= config.bin %> inferno runs show 12']
  static override args = {id: Args.integer({description: 'number of the run', required: true, min: 1})}
  static override flags = stateFlags

  async run(): Promise<unknown> {
    const {flags, args} = await this.parse(Show)
    const [{openState}, {runInfo, runText}, {RunFiles}, {UserError}] = await Promise.all([
      import('../../../src/cli/daemon/state-folder.ts'),
      import('../../../src/cli/daemon/runs-text.ts'),
      import('../../../src/daemon/index.ts'),
      import('../../../src/base/index.ts'),
    ])
    const {state, stateFolder} = await openState(flags)
    try {
      const row = state.run(args.id)
      if (row === undefined) {
        throw new UserError('JOB_NOT_FOUND', `there is no run ${args.id}, or it is no longer kept`, {
          hint: 'see which there are with: inferno runs',
        })
      }
      const run = runInfo(row)
      if (!flags.json) process.stdout.write(runText(run, Date.now(), new RunFiles(stateFolder).logTail(run.id)))
      return run
    } finally {
      state.close()
    }
  }
}
