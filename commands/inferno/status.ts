import {BaseCommand} from '../../src/cli/base-command.ts'
import {stateFlags} from '../../src/cli/daemon/state-flags.ts'

export default class Status extends BaseCommand {
  static override summary = 'Show how the rules of the daemon are'
  static override description =
    'One line a rule: its last run and result, when it is due next, what waits to be read as its last run found it, retries. The exit status is 0 when all is well, 1 when a rule has failed, its file is broken, or its newest success is older than its maxAge.'
  static override examples = ['<%= config.bin %> inferno status', '<%= config.bin %> inferno status --json']
  static override flags = stateFlags

  async run(): Promise<unknown> {
    const {flags} = await this.parse(Status)
    const [{openState}, {daemonStatus, statusText}] = await Promise.all([
      import('../../src/cli/daemon/state-folder.ts'),
      import('../../src/cli/daemon/rule-status.ts'),
    ])
    const {state} = await openState(flags)
    try {
      const nowMs = Date.now()
      const status = daemonStatus(state, nowMs)
      const isWell = ({lastError, problem, isStale}: (typeof status.rules)[number]): boolean =>
        lastError === undefined && problem === undefined && !isStale
      if (!status.rules.every(isWell)) process.exitCode = 1
      if (!flags.json) process.stdout.write(statusText(status, nowMs))
      return status
    } finally {
      state.close()
    }
  }
}
