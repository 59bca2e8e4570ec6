import type {Account} from '../engine/index.ts'
import {unusedFilesNamedMax} from './limits.ts'

/** A file of which no record reached a group, although no condition of the rule refused any. */
export interface UnusedFile {
  readonly name: string
  readonly in: number
  readonly bad: number
}

export interface UnusedFiles {
  readonly count: number
  /** The first of them, in input order, at most `unusedFilesNamedMax`. */
  readonly named: readonly UnusedFile[]
}

/**
 * Finds inputs that are written otherwise than the rest, or hold something else: a folder of JSON lines with a table among them.
 * Gets the parts in input order, those of one file one after the other.
 */
export class UnusedFilesFinder {
  readonly #named: UnusedFile[] = []
  #count = 0
  #hand: {name: string; in: number; bad: number; isUnused: boolean} | undefined

  add(name: string, isFirst: boolean, account: Account): void {
    if (isFirst || this.#hand === undefined) {
      this.#close()
      this.#hand = {name, in: 0, bad: 0, isUnused: true}
    }
    const hand = this.#hand
    hand.in += account.in
    hand.bad += account.bad
    // What a condition refuses is wanted so: files of other days, of other hosts.
    if (account.used > 0 || (account.filteredByReason['preprocess'] ?? 0) > 0) hand.isUnused = false
  }

  /** After the last part. */
  found(): UnusedFiles {
    this.#close()
    this.#hand = undefined
    return {count: this.#count, named: this.#named}
  }

  #close(): void {
    const {name, in: count, bad, isUnused} = this.#hand ?? {name: '', in: 0, bad: 0, isUnused: false}
    if (!isUnused || count === 0) return
    this.#count++
    if (this.#named.length < unusedFilesNamedMax) this.#named.push({name, in: count, bad})
  }
}
