/** Runs an upload with its progress line; Ctrl-C ends it with the terminal as it was. */
import {type ClusterChoice, type ClusterClient, withCluster} from '../../client/index.ts'
import {openTransferLine} from '../../ui/index.ts'
import {interruptSignal} from '../interrupt-signal.ts'

export interface TransferHooks {
  readonly signal: AbortSignal
  readonly onBytes: (bytes: number) => void
  readonly onWarning: (message: string) => void
}

/** @throws UserError INTERRUPTED after Ctrl-C or SIGTERM */
export async function transfer<Result>(
  choice: ClusterChoice,
  shown: {readonly verb: string; readonly bytesTotal: number | undefined},
  work: (client: ClusterClient, hooks: TransferHooks) => Promise<Result>,
): Promise<Result> {
  const line = openTransferLine({stream: process.stderr, ...shown})
  const {signal, release} = interruptSignal(
    'interrupted; the tag is unchanged. The same command again sends only what is missing',
  )
  const hooks = {
    signal,
    onBytes: (bytes: number) => line.add(bytes),
    onWarning: (message: string) => line.note(`Warning: ${message}`),
  }
  try {
    return await withCluster(choice, client => work(client, hooks))
  } finally {
    release()
    line.close()
  }
}
