/** Sorted runs of pairs: what a sorter writes away and a merge reads back. The engine has no files: the caller keeps the blocks. */

/**
 * Writes all blocks of one run. A block is only valid during the call of `sink`; it must come back from a PairRunSource as it
 * was written, because pairs never cross blocks.
 */
export type WriteBlocks = (sink: (block: Uint8Array) => void) => void

/** Keeps a run that a sorter hands out: sorted pairs of one partition. Calls `write` once, at once. */
export type WritePairRun = (partition: number, write: WriteBlocks) => void

/** Keeps a run that a merge of many runs needs for a while; what it returns opens the run. */
export type KeepRun = (write: WriteBlocks) => () => PairRunSource

export interface PairRunSource {
  /** The next block; undefined after the last. */
  read(): Uint8Array | undefined
  /** Ends reading; harmless after the end and when repeated. */
  close(): void
  /** Added to the origins of its pairs: runs of several inputs, each of which numbered its parts from 0. Default: 0. */
  readonly originOffset?: number
}

/** A finished run of a sorter, from whatever thread. */
export interface PairRun {
  readonly partition: number
  readonly open: () => PairRunSource
}
