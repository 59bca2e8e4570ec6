/**
 * What lies in linear memory. The host (../plan-image.ts) writes a Plan at planAt and lays out readers and output behind it; the
 * order and the size of fields there and here must agree. All classes are unmanaged.
 */

/** A stretch of text. */
@unmanaged
export class Text {
  at: u32
  length: u32
}
export const textBytes: usize = 8

/** How key parts are written. */
export const styleCsv: u32 = 0
export const styleJson: u32 = 1
export const styleTsv: u32 = 2
export const styleMarkdown: u32 = 3

@unmanaged
export class Plan {
  partCount: u32
  valueCount: u32
  /** Of each value its operation, 32 bits each; see below. */
  operations: u32
  /** Texts in front of the key parts and of the values, `partCount` + `valueCount` of them. */
  fronts: u32
  /** What ends a row. */
  endAt: u32
  endLength: u32
  /** A value that is not there. */
  emptyAt: u32
  emptyLength: u32
  style: u32
  /** 1: a row without any text gets a pair of quotes. */
  marksBlank: u32
  /** Keys before `low` are skipped; the merge ends at the first key that is not before `high`. Length 0: no bound. */
  lowAt: u32
  lowLength: u32
  highAt: u32
  highLength: u32
  /** Bytes of all fronts, the end, and room for all values, of one row. */
  rowBytes: u32
  readerCount: u32
  readers: u32
  /** Room for the order of the readers: three entries each, and one more. */
  order: u32
  /** Room for who holds the current key: an entry for each reader. */
  holders: u32
  /** The rest of the memory from here on is for text. */
  outAt: u32
  /** Bytes of text that are collected before they are handed over. */
  outBytes: u32
}

/** Values of which this module knows the states. */
export const opCount: u32 = 0
export const opSum: u32 = 1
export const opAvg: u32 = 2
export const opMin: u32 = 3
export const opMax: u32 = 4
/** All rows are finished by the host. */
export const opOther: u32 = 5

/** One run. The host sets the first two and gives blocks. */
@unmanaged
export class Reader {
  /** Where its blocks go, and how long they may be. */
  blockAt: u32
  blockBytes: u32
  /** Records of the block behind the current one. */
  left: u32
  keyAt: u32
  keyLength: u32
  statesAt: u32
  /** End of the record, and beginning of the next one. */
  statesEnd: u32
  /** Its number among those that are ordered; `noLeaf`: it has ended. */
  leaf: u32
}
export const readerBytes: usize = 32
export const noLeaf: u32 = u32.MAX_VALUE

/** A record of the current key. Good until the next key is asked for. */
@unmanaged
export class Holder {
  statesAt: u32
  statesEnd: u32
  /** While a row is made: the states that were not read yet. */
  cursor: u32
  /** Its reader when that waits for a block; else 0. */
  waiting: u32
  reader: u32
}
export const holderBytes: usize = 20

export const blockHeaderBytes: usize = 16

/** A reader in the order: how its key differs from another one (order.ts), and its address. */
@unmanaged
export class Place {
  code: u64
  reader: u32
  reserved: u32
}
export const placeBytes: usize = 16

export const planAt: usize = (__heap_base + 63) & ~63
