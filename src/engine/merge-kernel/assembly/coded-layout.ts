/** What the host (../coded-image.ts) lays out for runs whose keys are numbers (../../groups/coded-run.ts). As in layout.ts. */
import {Plan, planAt} from './layout'

@unmanaged
export class CodedPlan {
  readers: u32
  readerCount: u32
  /** Room for their order: three entries each, and one more. */
  order: u32
  /** Of each part its texts. */
  lists: u32
  /** Room for the values of a row: 16 bytes each. */
  sums: u32
  /** Decimal places of the totals, 32 bits for each value. */
  scales: u32
  /** Room for the states of a row: 32 bytes for each value. */
  scratch: u32
  /** Bytes of the longest texts of all parts together. */
  textBytesMax: u32
}

/** The texts of a part, of all runs together, in their order and as they stand in a row. */
@unmanaged
export class TextList {
  /** Of each where it lies, and its bytes, 32 bits each. */
  texts: u32
  /** Where its number stands in a merged key. */
  shift: u32
  mask: u32
  reserved: u32
}
export const textListBytes: usize = 16

/** What makes numbers of merged keys of a run's places. */
@unmanaged
export class PartMap {
  /** Of each text its number, shifted to where it stands in a merged key: 64 bits. */
  at: u32
  /** Where its place stands in an entry's. */
  shift: u32
  mask: u32
  reserved: u32
}
export const partMapBytes: usize = 16

/** One run, or a stretch of it. */
@unmanaged
export class CodedReader {
  /** The merged key of the current entry. */
  key: u64
  at: u32
  end: u32
  entryBytes: u32
  /** 1: entries say where states lie, from `statesAt` on. */
  isStates: u32
  statesAt: u32
  /** A PartMap for each part. */
  maps: u32
  /** What brings its totals to the scales of the merge: 64 bits for each value. */
  factors: u32
  leaf: u32
}
export const codedReaderBytes: usize = 40

/** A value of the current row. */
@unmanaged
export class Sum {
  count: u64
  total: i64
}
export const sumBytes: usize = 16

/** It lies right behind the plan. */
@inline
export function codedPlan(): CodedPlan {
  return changetype<CodedPlan>(codedPlanAt)
}

export const codedPlanAt: usize = (planAt + offsetof<Plan>() + 63) & ~63
/** Behind both plans. */
export const restAt: usize = (codedPlanAt + offsetof<CodedPlan>() + 63) & ~63
