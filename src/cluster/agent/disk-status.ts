/** What the disks and databases of a node hold, as its master was told last. */
import type {AgentNotice, NodeStatus} from '../../protocol/index.ts'
import type {BlobStore, SqliteTagStore} from '../../storage/index.ts'
import type {Log} from '../run/log.ts'

/** After something was stored, numbers are told so soon: people look at them right after a push. Milliseconds. */
const statusSoonMs = 300

export interface DiskStatusPorts {
  /** What there is now. */
  readonly look: () => Promise<NodeStatus>
  readonly tell: (notice: AgentNotice) => void
  readonly log: Log
}

/** Ended by `close`. */
export class DiskStatus {
  readonly #ports: DiskStatusPorts
  #last: NodeStatus
  #timer: NodeJS.Timeout | undefined
  #isClosed = false

  constructor(first: NodeStatus, ports: DiskStatusPorts) {
    this.#last = first
    this.#ports = ports
  }

  /** As of the last look. */
  get last(): NodeStatus {
    return this.#last
  }

  /** Looks again. A disk that cannot be looked at is as it was. */
  async look(): Promise<void> {
    try {
      this.#last = await this.#ports.look()
    } catch (error) {
      this.#ports.log({level: 'warn', msg: 'the disk cannot be looked at', text: String(error)})
    }
  }

  /** Looks, and tells the master. */
  async tell(): Promise<void> {
    await this.look()
    this.#ports.tell({type: 'status', status: this.#last})
  }

  /** The same in a moment, once for all that happens until then. */
  tellSoon(): void {
    if (this.#isClosed) return
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      void this.tell()
    }, statusSoonMs)
    this.#timer.unref()
  }

  close(): void {
    this.#isClosed = true
    clearTimeout(this.#timer)
  }
}

/** @throws ClusterError when a database cannot be read */
export async function statusOf(blobs: BlobStore, tags: SqliteTagStore): Promise<NodeStatus> {
  const {volumes: _, broken: __, ...usage} = await blobs.usage()
  return {...usage, tagCount: tags.tagCount()}
}
