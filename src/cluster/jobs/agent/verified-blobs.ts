/**
 * Files of blobs whose blocks need not be compared with their checksums, which takes a fifth of a plain scan: tasks compared all of them a
 * short time ago, or this node hashed and wrote them a moment ago, so that what is read is still what it has in memory. Known by this
 * process only; a file that was touched since is not the one that was compared.
 */
import {fileStampAt, type VerifiedFile} from '../../../worker/index.ts'
import {verifiedFilesMax, verifiedMs, writtenMs} from '../limits.ts'

/** Of one node, in memory only: after a restart all blocks are compared again. */
export class VerifiedBlobs {
  readonly #nowMs: () => number
  /** By path, in the order in which they were noted. */
  readonly #files = new Map<string, {readonly stamp: string; readonly untilMs: number}>()

  /** @param nowMs - a clock that never goes back */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs
  }

  /** All blocks of a file were compared. */
  note({path, stamp}: VerifiedFile): void {
    this.#believe(path, stamp, verifiedMs)
  }

  /** A file was written, synced and given its name just now. */
  noteWritten(path: string): void {
    const stamp = fileStampAt(path)
    if (stamp !== undefined) this.#believe(path, stamp, writtenMs)
  }

  /** Of the file as it was then; undefined: its blocks have to be compared. */
  stampOf(path: string): string | undefined {
    const known = this.#files.get(path)
    return known !== undefined && this.#isFresh(known.untilMs) ? known.stamp : undefined
  }

  #believe(path: string, stamp: string, ms: number): void {
    this.#files.delete(path)
    this.#files.set(path, {stamp, untilMs: this.#nowMs() + ms})
    for (const [oldest, {untilMs}] of this.#files) {
      if (this.#files.size <= verifiedFilesMax && this.#isFresh(untilMs)) return
      this.#files.delete(oldest)
    }
  }

  #isFresh(untilMs: number): boolean {
    return this.#nowMs() < untilMs
  }
}
