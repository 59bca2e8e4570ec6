/** Tells the master which blobs came and went. Those that came at about the same time are told together. */
import {type AgentNotice, type BlobId, type BlobReport, pageSizeMax} from '../../protocol/index.ts'

/** How long the first one waits for others. Milliseconds. */
const noticeDelayMs = 5

export interface BlobNoticePorts {
  readonly tell: (notice: AgentNotice) => void
  /** Something was told: the room on the disk is another now. */
  readonly onTold: () => void
}

/** Ended by `close`. */
export class BlobNotices {
  readonly #ports: BlobNoticePorts
  #stored: BlobReport[] = []
  #endedUploads: string[] = []
  #timer: NodeJS.Timeout | undefined

  constructor(ports: BlobNoticePorts) {
    this.#ports = ports
  }

  /** A blob is here now, durably. */
  noteStored(blob: BlobReport): void {
    this.#stored.push(blob)
    this.#tellSoon(this.#stored.length)
  }

  /** An upload is over, whether it brought a blob or not: its ticket holds no room any more. */
  noteUploadEnded(target: string): void {
    this.#endedUploads.push(target)
    this.#tellSoon(this.#endedUploads.length)
  }

  /** Told at once. What was stored before is told before: it may be the same blob. */
  noteGone(blobs: readonly BlobId[], reason: 'corrupt' | 'missing'): void {
    this.#tell()
    for (let at = 0; at < blobs.length; at += pageSizeMax) {
      this.#ports.tell({type: 'blobs-gone', blobs: blobs.slice(at, at + pageSizeMax), reason})
    }
  }

  /** Nothing is told any more; the next inventory has it all. */
  close(): void {
    clearTimeout(this.#timer)
  }

  #tellSoon(waitingCount: number): void {
    if (waitingCount >= pageSizeMax) this.#tell()
    else this.#timer ??= setTimeout(() => this.#tell(), noticeDelayMs)
  }

  #tell(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#stored.length > 0) this.#ports.tell({type: 'blobs-stored', blobs: this.#stored.splice(0)})
    // Behind what they stored: its bytes must not look free in between.
    if (this.#endedUploads.length > 0) {
      this.#ports.tell({type: 'uploads-ended', targets: this.#endedUploads.splice(0)})
    }
    this.#ports.onTold()
  }
}
