import {Args} from '@oclif/core'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {stateFlags} from '../../src/cli/daemon/state-flags.ts'

export default class Wake extends BaseCommand {
  static override summary = 'Let the daemon run a rule now'
  static override description =
    'Whatever its schedule says, also while it is paused. When it runs already, it runs once more after that.'
  static override examples = ['<%= config.bin %> inferno wake clicks.daily']
  static override args = {rule: Args.string({description: 'MODULE.RULE', required: true})}
  static override flags = stateFlags

  async run(): Promise<unknown> {
    const {flags, args} = await this.parse(Wake)
    const {giveOrder, orderText} = await import('../../src/cli/daemon/give-order.ts')
    const result = await giveOrder('wake', args.rule, flags)
    if (!flags.json) process.stdout.write(orderText(result))
    return result
  }
}
