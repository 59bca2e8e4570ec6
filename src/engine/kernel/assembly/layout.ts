/**
 * Shapes of everything that lies in linear memory, and where the regions begin.
 *
 * The plan part (Name, Keyset, Part, Value) is written by ../plan-image.ts before `open`; the order and the size of fields
 * there and here must agree. All classes are unmanaged: a view of memory, no header, no constructor.
 */

/** Bytes that may be read behind the end of the input: two loads of 16 bytes and a word, rounded up. */
export const slack: usize = 128

/** What was found at a field. Its number is a bit of `allowed`. */
export const absent: u32 = 0
export const isNull: u32 = 1
export const isFalse: u32 = 2
export const isTrue: u32 = 3
/** Text: the bytes at `start`, in the input or decoded beside it. None of them is 00 or 01. */
export const text: u32 = 4
/** At most 15 digits, printed by JavaScript as the bytes of the input (`length` leaves out trailing zeros of a fraction). */
export const number: u32 = 5
/** An integer of 16 or more digits; all its digits are its text. */
export const longInteger: u32 = 6
/** A number that only the row path reads: exponent, -0, more than 15 digits, below 1e-6. */
export const otherNumber: u32 = 7
/** Object or array. */
export const nested: u32 = 8
/** Text with escapes that cannot be decoded here. */
export const escapedText: u32 = 9

/** A number made by arithmetic, of which nobody needs the text: `mantissa` holds the bits of the double. */
export const double: u32 = 10

/** One field of one line. `mantissa` / 10^`scale` is its number (true counts 1). */
@unmanaged
export class Slot {
  kind: u32
  start: u32
  length: u32
  scale: u32
  mantissa: i64
}
export const slotBytes: usize = 24

/** Where a keyset stands with a line: the hash of its key, and whether there is a pair to add. */
@unmanaged
export class Pair {
  hash: u32
  isPresent: u32
  /** The group that its key seems to be of, which is not certain before the key is compared; 0: none. */
  likely: u32
  private reserved: u32
}
export const pairBytes: usize = 16

/** A member name that the plan needs, or an object on the way to one. */
@unmanaged
export class Name {
  /** One bit of its own: a name that comes twice in one line is seen by it. */
  bits: u64
  /** Which object it is a member of: 0 is the record itself. */
  context: u32
  nameAt: u32
  nameLength: u32
  /** Offset of its slot in a line area; 0: no value of it is needed. */
  slot: u32
  /** Kinds that the plan can work with, as bits; lines with any other go to the row path. */
  allowed: u32
  /** The context inside of it; 0: none. */
  child: u32
  /** 1: a line that has this name at all goes to the row path. */
  isRefused: u32
  /** Of an object on the way to a field of small records: 1 + its bit of `lineBits`, which says that it is there. 0: nobody asks. */
  objectBit: u32
}
export const nameBytes: usize = 40

@unmanaged
export class Part {
  slot: u32
  reserved: u32
  /** Pairs that were dropped because this part was absent or null. */
  dropped: u64
}
export const partBytes: usize = 16

export const opCount: u32 = 0
export const opCountField: u32 = 1
export const opSum: u32 = 2
export const opAvg: u32 = 3
export const opStddev: u32 = 4
export const opMin: u32 = 5
export const opMax: u32 = 6
export const opFirst: u32 = 7
export const opLast: u32 = 8
export const opDistinct: u32 = 9
export const opQuantile: u32 = 10
/** Another quantile of the same field: it writes the state of the first one. */
export const opQuantileAgain: u32 = 11
export const opHistogram: u32 = 12
export const opCollect: u32 = 13

@unmanaged
export class Value {
  op: u32
  slot: u32
  /** What an absent field adds to a sum. */
  absent: i32
  /** Offset of the state in a record. */
  state: u32
  /** Sums of this column are over 10^scale. */
  scale: u32
  /** What decides on the order: the slot itself for min and max, that of `by` for first and last. */
  by: u32
  /** Most hashes of distinct, most texts of collect, address of a histogram's bounds (64-bit floats). */
  argument: u32
  /** Bounds of a histogram. */
  boundCount: u32
}
export const valueBytes: usize = 32

@unmanaged
export class Keyset {
  /** Hash table: pairs of (hash, record address), probed four by four; address 0 is free. */
  index: u32
  mask: u32
  groups: u32
  groupsMax: u32
  partCount: u32
  parts: u32
  valueCount: u32
  values: u32
  /** Bytes of the states in a record. */
  stateBytes: u32
  /** Offset of the keyset's Pair in a line area. */
  pair: u32
  /** Address of the condition's code; 0: none. */
  condition: u32
  /** Of a table that counts values: offset of the Pair of the keyset whose values they are. */
  parentPair: u32
  /** Bytes that the states take in a run, at most; texts and sets apart. */
  stateBytesMax: u32
  /** 1: some states have texts or sets. */
  isVariable: u32
  /** Dictionaries of its key parts, when keys are codes (codes.ts); 0: keys are texts. */
  codes: u32
  /** Groups past which its keys may become codes. */
  codesFrom: u32
  /** Places of its texts, when it has few groups (few-groups.ts); 0: it has none. */
  few: u32
  /** Its groups as cells (cells.ts); 0: they are in the hash table. */
  cells: u32
  /** Groups past which they may become cells. */
  cellsFrom: u32
  private reserved: u32
}
export const keysetBytes: usize = 80

/** The texts of a key part: each is a group without states, whose number is the text's code. */
@unmanaged
export class Dictionary extends Keyset {
  /** Where its code lies in the codes of a key: bits, and how far up. */
  bits: u32
  shift: u32
  /** While a run is written: the place in the order of each code's text, 32 bits each; and where that place lies in an entry's. */
  ranks: u32
  rankBits: u32
  rankShift: u32
  /** Short texts and their codes, found without a search; see codes.ts. */
  recent: u32
}
export const dictionaryBytes: usize = keysetBytes + 24

export const opAnd: u32 = 0
export const opOr: u32 = 1
export const opNot: u32 = 2
export const opConstant: u32 = 3
export const opExists: u32 = 4
export const opMissing: u32 = 5
export const opTruth: u32 = 6
export const opCompare: u32 = 7
export const opContains: u32 = 8
export const opStartsWith: u32 = 9
export const opEndsWith: u32 = 10
/** Of two fields; the other one's slot is in `textAt`. */
export const opCompareFields: u32 = 11

export const literalText: u32 = 0
export const literalNumber: u32 = 1
export const literalBoolean: u32 = 2

/** A node of a condition. */
@unmanaged
export class Test {
  /** What the literal stands for as a number. */
  number: f64
  op: u32
  slot: u32
  /** First operand; 0: none. */
  first: u32
  /** Next operand of the node above; 0: none. */
  next: u32
  /** The literal's text; `true` or `false` for a boolean. */
  textAt: u32
  textLength: u32
  literal: u32
  /** 1: the literal stands for a number. */
  isNumeric: u32
  /** How a value may stand to the literal: bits of conditions.ts. Of a constant: 0 or 1. */
  operator: u32
  /** 1: the operator asks for an order, not for equality. */
  isOrder: u32
}

export const opByHost: u32 = 0
export const opToInt: u32 = 1
export const opLower: u32 = 2
export const opUpper: u32 = 3
export const opTruncateIp: u32 = 4
export const opUrlHost: u32 = 5
export const opMinute: u32 = 6
export const opHour: u32 = 7
export const opDay: u32 = 8
export const opWeek: u32 = 9
export const opLiteral: u32 = 10
export const opArithmetic: u32 = 11
export const opTest: u32 = 12
/** By the host, also of what is absent; what it knows nothing of is that of another field. */
export const opLookup: u32 = 13
/** Filled in by the step that makes several parts of a record. */
export const opElement: u32 = 14

/** A field that is made from others. */
@unmanaged
export class Derived {
  /** Offsets of slots in a line area. Of a test: the address of the condition. */
  source: u32
  target: u32
  op: u32
  /** Unit of time; operator of arithmetic. */
  argument: u32
  /** As in Name. */
  allowed: u32
  /** What the host knows it by. */
  id: u32
  /** Slot of the right operand, or of what stands in for what a lookup does not find (0: nothing); address of a constant's slot; number of a zone. */
  second: u32
  /** Which table of remembered values is its own. Of arithmetic 1: its text is needed. */
  memory: u32
}
export const derivedBytes: usize = 32
/** Tables of remembered values, of the host's transforms. */
export const memoriesMax: usize = 16
/** Time zones; 0 is UTC, and has no table. */
export const zonesMax: usize = 16

/** Header of the plan image. */
@unmanaged
export class Plan {
  slotCount: u32
  nameCount: u32
  names: u32
  keysetCount: u32
  keysets: u32
  /** Bytes of a line area: pairs of all keysets, then slots. */
  areaBytes: u32
  slotsAt: u32
  /** Lines that are parsed before their pairs are added. */
  batchLines: u32
  condition: u32
  derivedCount: u32
  derived: u32
  /** So many of them are needed by the condition. */
  earlyCount: u32
  /** Keysets, and behind them the tables that count values (topK). */
  tableCount: u32
  /** How records are written: formatJson and the like. */
  format: u32
  /** CSV: the byte between cells. */
  delimiter: u32
  /** Fields that are numbered in a record: those of CSV and of access logs. */
  columnCount: u32
  columns: u32
  /** Offsets of the slots whose text has to be a number. */
  numberCount: u32
  numbers: u32
  /** What small records are made of; 0: lines go into groups. */
  pieces: u32
  pieceCount: u32
  /** The step that makes several parts of a record: what it does, and its slots. */
  expand: u32
  expandSource: u32
  expandTarget: u32
  /** As in Name: kinds of elements. */
  expandAllowed: u32
  /** What parts have to meet; 0: nothing. */
  partCondition: u32
}

export const expandNone: u32 = 0
export const expandList: u32 = 1
export const expandWords: u32 = 2

export const pieceValue: u32 = 0
export const pieceOpen: u32 = 1
export const pieceClose: u32 = 2

/** A member of a small record, or the beginning or end of an object in it. */
@unmanaged
export class Piece {
  op: u32
  /** Of a value: offset of its slot in a line area. Of a beginning: its object's bit of the line. */
  slot: u32
  /** What stands in front: `"name":`, with a brace for an object; or the closing brace. */
  textAt: u32
  textLength: u32
  /** Of a beginning: the address behind the object's end. */
  behind: u32
  reserved: u32
}
export const pieceBytes: usize = 24

export const formatJson: u32 = 0
export const formatCsv: u32 = 1
export const formatLogfmt: u32 = 2
export const formatCommonLog: u32 = 3
export const formatCombinedLog: u32 = 4

/** A needed field of a record whose fields have numbers. */
@unmanaged
export class Column {
  /** Which one it is, from 0 on; noColumn: none has its name. */
  index: u32
  /** Offset of its slot in a line area. */
  slot: u32
}
export const columnBytes: usize = 8
export const noColumn: u32 = u32.MAX_VALUE

/** A group: this header, the states, the key. One whose key is codes has neither header nor key; its states lie where they would. */
@unmanaged
export class Group {
  keyLength: u32
  /** Which one of its table it is, from 0 on. */
  number: u32
}
export const groupBytes: usize = 8

/** Lines that go to the row path: bytes from..to-1, the first of them being line number `line`. */
@unmanaged
export class Range {
  from: u32
  to: u32
  line: u32
}
export const rangeBytes: usize = 12
export const rangesMax: u32 = 1024

/** Small records as JSON text, and the lines that they come from (Range). */
export const recordBytes: usize = 128 * 1024
export const recordLinesMax: u32 = 4096

export const inputBytes: usize = 512 * 1024
export const areasBytes: usize = 32 * 1024
export const graphBytes: usize = 512 * 1024
export const planBytesMax: usize = 256 * 1024

@inline
function aligned(address: usize): usize {
  return (address + 63) & ~63
}

export const planAt: usize = aligned(__heap_base)
export const rangesAt: usize = planAt + planBytesMax
export const areasAt: usize = aligned(rangesAt + rangeBytes * rangesMax)
export const graphAt: usize = areasAt + areasBytes
/** 64 bytes in front: nothing reads there, but a mistake would not hit the graph. */
export const inputAt: usize = graphAt + graphBytes + 64
/** Decoded and derived texts of one batch. */
export const scratchAt: usize = aligned(inputAt + inputBytes + slack)
export const scratchBytes: usize = inputBytes + 256 * 1024
/** What the host made of 8,192 values, for each derived field. Memory that is not touched takes none of the machine's. */
export const cachesAt: usize = aligned(scratchAt + scratchBytes + slack)
export const cacheBytes: usize = 1024 * 1024
/** What the host makes of a value. */
export const resultAt: usize = cachesAt + cacheBytes * memoriesMax
export const resultBytes: usize = 64 * 1024
/** A block of a run, and one record more: its key may hold a line and all that was derived from it. */
export const outBytes: usize = 256 * 1024 + inputBytes + scratchBytes + 64 * 1024
export const outAt: usize = aligned(resultAt + resultBytes)
export const recordLinesAt: usize = aligned(outAt + outBytes)
export const recordsAt: usize = aligned(recordLinesAt + rangeBytes * recordLinesMax)
/** Places of texts of tables that have few groups. */
export const fewAt: usize = aligned(recordsAt + recordBytes + slack)
export const fewBytes: usize = 16 * 1024
export const fewTablesMax: usize = 4
export const arenaAt: usize = fewAt + fewTablesMax * fewBytes
