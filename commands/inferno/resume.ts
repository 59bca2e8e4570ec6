import {Args} from '@oclif/core'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {stateFlags} from '../../src/cli/daemon/state-flags.ts'

export default class Resume extends BaseCommand {
  static override summary = 'Let the daemon go on with what was paused'
  static override description =
    'What became due meanwhile runs once, or not at all, as the rule says (catchUp). Without a RULE all rules go on, also those that were paused one by one.'
  static override examples = ['<%= config.bin %> inferno resume']
  static override args = {rule: Args.string({description: 'MODULE.RULE; without it all'})}
  static override flags = stateFlags

  async run(): Promise<unknown> {
    const {flags, args} = await this.parse(Resume)
    const {giveOrder, orderText} = await import('../../src/cli/daemon/give-order.ts')
    const result = await giveOrder('resume', args.rule, flags)
    if (!flags.json) process.stdout.write(orderText(result))
    return result
  }
}
