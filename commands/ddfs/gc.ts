import {Flags} from '@oclif/core'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {clusterFlags} from '../../src/cli/cluster-flags.ts'
import type {MaintenanceInfo} from '../../src/protocol/index.ts'

export default class Gc extends BaseCommand {
  static override summary = 'Remove blobs that no tag names'
  static override description =
    'The cluster does this by itself; the command starts a round now, or when the one that runs has ended. A blob goes when no tag, also no deleted one that could be restored, names it in two rounds some time apart, and nobody has asked for it for the grace period. When anything cannot be seen, nothing goes. What is reported is of this round alone.'
  static override examples = ['<%= config.bin %> ddfs gc --dry-run']
  static override flags = {
    ...clusterFlags,
    'dry-run': Flags.boolean({description: 'list what would be removed and remove nothing'}),
    'no-wait': Flags.boolean({description: 'start it and return'}),
    timeout: Flags.integer({
      description: 'wait no longer than this; the round goes on by itself',
      min: 1,
      helpValue: 'SECONDS',
      exclusive: ['no-wait'],
    }),
  }

  async run(): Promise<unknown> {
    const {flags} = await this.parse(Gc)
    const [
      {withCluster},
      {waitMaintenance, bytesSince, waitingText, notEndedText},
      {countText},
      {openTransferLine},
      {ClusterError, formatBytes},
    ] = await Promise.all([
      import('../../src/client/index.ts'),
      import('../../src/cli/ddfs/wait-maintenance.ts'),
      import('../../src/cli/ddfs/text.ts'),
      import('../../src/ui/index.ts'),
      import('../../src/base/index.ts'),
    ])
    const line = openTransferLine({stream: process.stderr, verb: 'collecting'})
    const info = await withCluster(flags, async client => {
      const started = await client.collect({isDryRun: flags['dry-run'] === true})
      if (flags['no-wait']) return started
      const {askedRound = 0} = started.gc
      if (!flags.json && (started.gc.round ?? 0) < askedRound) line.note('it begins when the round that runs has ended')
      const collected = bytesSince(line, ({gc}) => (gc.round === askedRound ? gc.droppedBytes : 0))
      let told = ''
      // A new master counts from 1 again: nothing runs, and this round has not ended.
      const isOver = ({gc}: MaintenanceInfo): boolean => gc.phase === 'idle' || (gc.endedRound ?? 0) >= askedRound
      const tell = (now: MaintenanceInfo): void => {
        // A round that cannot see everything tries again for minutes: say what it waits for, once for each reason.
        const reason = now.gc.phase === 'wait' ? now.gc.heldBack.join('; ') : ''
        if (!flags.json && reason !== '' && reason !== told) line.note(`waiting: ${waitingText(now.gc)}`)
        if (reason !== '') told = reason
        collected(now)
      }
      const timeoutMs = flags.timeout === undefined ? Infinity : flags.timeout * 1000
      const ended = await waitMaintenance(client, started, isOver, tell, timeoutMs)
      if (!isOver(ended)) {
        const why = notEndedText(ended.gc, askedRound)
        const message = `collection round ${askedRound} has not ended after ${flags.timeout} s${why}`
        throw new ClusterError('TIMED_OUT', message, {retryable: true, hint: 'it goes on by itself: disco status'})
      }
      if (ended.gc.round === askedRound) return ended
      const why = (ended.gc.endedRound ?? 0) > askedRound ? 'another round followed' : 'the master was restarted'
      const message = `what became of collection round ${askedRound} is not known: ${why}`
      throw new ClusterError('UNAVAILABLE', message, {retryable: true, hint: 'start it again'})
    }).finally(() => line.close())
    const {gc} = info
    if (flags['no-wait']) {
      if (!flags.json) process.stderr.write(`collection round ${gc.askedRound} is asked for\n`)
      return gc
    }
    if (!flags.json) {
      for (const {blob, bytes, node} of gc.deletions) process.stdout.write(`${blob}\t${bytes}\t${node}\n`)
      for (const reason of gc.heldBack) process.stderr.write(`held back: ${reason}\n`)
      const done = gc.isDryRun
        ? `${countText(gc.deletionCount, 'copy', 'copies')} would go`
        : `${countText(gc.droppedCount, 'copy', 'copies')} removed, ${formatBytes(gc.droppedBytes)} freed`
      const later = gc.suspectCount > 0 ? `, ${countText(gc.suspectCount, 'blob')} may go in a later round` : ''
      process.stderr.write(`${done} (${countText(gc.candidateCount, 'idle blob')} looked at${later})\n`)
    }
    return gc
  }
}
