/** What an operator may set. Times in milliseconds, rates in bytes a second of the whole cluster. */
export interface BlobSettings {
  /** Copies that a node may receive at once, and that it may send at once. */
  readonly repairsPerNodeMax: number
  readonly repairBytesPerSecond: number
  /** A blob that was stored or named is under-replicated only so long after: its other uploads may be on their way. */
  readonly settleMs: number
  /** After a start nothing is repaired for so long, unless all members have told sooner what they hold. */
  readonly startGraceMs: number
  /** Surplus must last, and the node list be unchanged, for so long before a copy is dropped. */
  readonly surplusAfterMs: number
  /** Difference of used fractions between two nodes that balancing accepts. */
  readonly balanceThreshold: number
  /** Moves planned on one look at the nodes' fill. */
  readonly balanceMovesMax: number
  /** A blob that is younger is never collected: time for an upload to get into a tag. */
  readonly graceMs: number
  /** Between becoming suspect and being dropped. */
  readonly confirmMs: number
  /** Collection rounds by themselves; 0: only when asked. */
  readonly gcEveryMs: number
  readonly gcPageCount: number
  /** A round whose tags stay uncovered for so long ends without result. */
  readonly gcBlockedMs: number
  /** Every replica is read again within this; 0: only when asked. */
  readonly scrubEveryMs: number
  readonly scrubPageBytes: number
  /** Of one node. A scrub that was asked for is as fast as the node. */
  readonly scrubBytesPerSecond: number
  /** Deadline of a request that reads or writes no bulk. */
  readonly callMs: number
}

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

export const blobSettingsDefault: BlobSettings = {
  repairsPerNodeMax: 4,
  repairBytesPerSecond: 200_000_000,
  settleMs: 5000,
  startGraceMs: 30_000,
  surplusAfterMs: 10 * minute,
  balanceThreshold: 0.1,
  balanceMovesMax: 100,
  graceMs: day,
  confirmMs: hour,
  gcEveryMs: 6 * hour,
  gcPageCount: 1000,
  gcBlockedMs: 10 * minute,
  scrubEveryMs: 7 * day,
  scrubPageBytes: 256 << 20,
  scrubBytesPerSecond: 50_000_000,
  callMs: 10_000,
}
