import {Flags} from '@oclif/core'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {clusterFlags} from '../../src/cli/cluster-flags.ts'

export default class Balance extends BaseCommand {
  static override summary = 'Move blobs from the fullest nodes to the emptiest'
  static override description =
    'Each blob is copied, its other copies are read again, and then the one on the fuller node is removed. It stops when the nodes are equally full within the setting balanceThreshold, at once when they are already. Missing copies are made first. The setting repairRate says how fast; interrupting the command does not stop the moves.'
  static override examples = ['<%= config.bin %> ddfs balance']
  static override flags = {...clusterFlags, 'no-wait': Flags.boolean({description: 'start it and return'})}

  async run(): Promise<unknown> {
    const {flags} = await this.parse(Balance)
    const [{withCluster}, {waitMaintenance, bytesSince}, {countText}, {openTransferLine}, {ClusterError, formatBytes}] =
      await Promise.all([
        import('../../src/client/index.ts'),
        import('../../src/cli/ddfs/wait-maintenance.ts'),
        import('../../src/cli/ddfs/text.ts'),
        import('../../src/ui/index.ts'),
        import('../../src/base/index.ts'),
      ])
    const line = openTransferLine({stream: process.stderr, verb: 'moving'})
    const {balance} = await withCluster(flags, async client => {
      const started = await client.balance()
      if (flags['no-wait']) return started
      const {bytesLeft = 0, isRunning} = started.balance
      if (!flags.json && isRunning)
        line.note(`about ${formatBytes(bytesLeft)} to move, each byte is read twice or more`)
      let told = ''
      const moved = bytesSince(line, info => info.balance.movedBytes)
      return waitMaintenance(
        client,
        started,
        info => !info.balance.isRunning,
        info => {
          const {message} = info.balance
          if (!flags.json && info.balance.isRunning && message !== told && message !== '') line.note(message)
          told = message
          moved(info)
        },
      )
    }).finally(() => line.close())
    if (!balance.isRunning && balance.round === 0) {
      const hint = 'start it again: it goes on from how full the nodes are'
      throw new ClusterError('UNAVAILABLE', 'the master was restarted before balancing ended', {retryable: true, hint})
    }
    if (!flags.json) {
      const moved = `${countText(balance.movedCount, 'blob')} moved, ${formatBytes(balance.movedBytes)}`
      process.stderr.write(`${moved}${balance.message === '' ? '' : `: ${balance.message}`}\n`)
    }
    return balance
  }
}
