/**
 * Files of blobs whose blocks tasks have compared with their checksums a short time ago, so that the next rule over the same day need not:
 * that takes a fifth of a plain scan. Known by this process only; a file that was touched since is not the one that was compared.
 */
import type {VerifiedFile} from '../../../worker/index.ts'
import {verifiedFilesMax, verifiedMs} from '../limits.ts'

export class VerifiedBlobs {
  readonly #nowMs: () => number
  /** By path, oldest first. */
  readonly #files = new Map<string, {readonly stamp: string; readonly atMs: number}>()

  /** @param nowMs - a clock that never goes back */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs
  }

  note({path, stamp}: VerifiedFile): void {
    this.#files.delete(path)
    this.#files.set(path, {stamp, atMs: this.#nowMs()})
    for (const [oldest, {atMs}] of this.#files) {
      if (this.#files.size <= verifiedFilesMax && this.#isFresh(atMs)) return
      this.#files.delete(oldest)
    }
  }

  /** Of the file as it was then; undefined: its blocks have to be compared. */
  stampOf(path: string): string | undefined {
    const known = this.#files.get(path)
    return known !== undefined && this.#isFresh(known.atMs) ? known.stamp : undefined
  }

  #isFresh(atMs: number): boolean {
    return this.#nowMs() - atMs < verifiedMs
  }
}
