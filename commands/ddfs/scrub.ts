import {Flags} from '@oclif/core'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {clusterFlags} from '../../src/cli/cluster-flags.ts'

export default class Scrub extends BaseCommand {
  static override summary = 'Read all blobs again and compare them with their hashes'
  static override description =
    'The nodes do this by themselves, slowly, once a week; the command does it now, as fast as the disks. Copies that are not right are put aside and made again from good ones. The exit status is 1 when there were any, or when a node could not be read. What is reported is of this scrub alone; another one started meanwhile replaces it.'
  static override examples = ['<%= config.bin %> ddfs scrub']
  static override flags = {...clusterFlags, 'no-wait': Flags.boolean({description: 'start it and return'})}

  async run(): Promise<unknown> {
    const {flags} = await this.parse(Scrub)
    const [
      {withCluster},
      {waitMaintenance, bytesSince},
      {countText},
      {openTransferLine},
      {ClusterError, formatBytes, printable},
    ] = await Promise.all([
      import('../../src/client/index.ts'),
      import('../../src/cli/ddfs/wait-maintenance.ts'),
      import('../../src/cli/ddfs/text.ts'),
      import('../../src/ui/index.ts'),
      import('../../src/base/index.ts'),
    ])
    const line = openTransferLine({stream: process.stderr, verb: 'reading'})
    const {scrub} = await withCluster(flags, async client => {
      const started = await client.scrub()
      if (flags['no-wait']) return started
      return waitMaintenance(
        client,
        started,
        info => !info.scrub.isRunning,
        bytesSince(line, info => info.scrub.bytes),
      )
    }).finally(() => line.close())
    if (!flags['no-wait'] && scrub.round === 0) {
      const hint = 'start it again'
      throw new ClusterError('UNAVAILABLE', 'the master was restarted before the scrub ended', {retryable: true, hint})
    }
    const leftOut = scrub.leftOut ?? []
    if (scrub.corruptCount > 0 || leftOut.length > 0) process.exitCode = 1
    if (!flags.json) {
      for (const {node, reason} of leftOut) process.stderr.write(`not read: ${node} (${printable(reason)})\n`)
      const read = `${countText(scrub.blobCount, 'copy', 'copies')}, ${formatBytes(scrub.bytes)}`
      const found = scrub.corruptCount === 0 ? 'all right' : `${scrub.corruptCount} were corrupt`
      process.stderr.write(`${read}: ${scrub.isRunning ? 'started' : found}\n`)
    }
    return scrub
  }
}
