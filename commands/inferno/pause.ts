import {Args} from '@oclif/core'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {stateFlags} from '../../src/cli/daemon/state-flags.ts'

export default class Pause extends BaseCommand {
  static override summary = 'Let the daemon start nothing'
  static override description =
    'Runs that go on are not touched. It lasts until inferno resume, also when the daemon is started anew. Without a RULE all rules are paused.'
  static override examples = ['<%= config.bin %> inferno pause clicks.daily']
  static override args = {rule: Args.string({description: 'MODULE.RULE; without it all'})}
  static override flags = stateFlags

  async run(): Promise<unknown> {
    const {flags, args} = await this.parse(Pause)
    const {giveOrder, orderText} = await import('../../src/cli/daemon/give-order.ts')
    const result = await giveOrder('pause', args.rule, flags)
    if (!flags.json) process.stdout.write(orderText(result))
    return result
  }
}
