/**
 * The seams inside the engine. Readers push records into a RecordSink; the evaluator turns records into groups of a
 * GroupTable; each value column of a table is a Column; tables leave a thread as sorted runs that are merged.
 */
import type {Cell, Parts} from '../rules/index.ts'

/** Where a reader puts what it finds. Lines count from 1 inside the bytes the reader was given. */
export interface RecordSink {
  record(parts: Parts, line: number): void
  /** A line that cannot be read. `text` is the line or its beginning. */
  bad(reason: BadReason, line: number, text: string, detail?: string): void
  /** A line that holds nothing to read: counted apart for `blank`, as filtered for `no-object`. */
  skipped(kind: 'blank' | 'no-object', line: number): void
}

export type BadReason =
  | 'not JSON' // JSON.parse refuses the line
  | 'not an object' // JSON, but a scalar or array
  | 'not UTF-8'
  | 'line too long'
  | 'not CSV' // NUL byte, lone CR in an unquoted cell, quote that is open for too long
  | 'cell too long'
  | 'not logfmt'
  | 'not an access log line'
  | 'no match' // regex format
  | 'reader' // reported by a custom reader
  | 'hook threw' // a rule-level preprocessor threw: the record is dropped

/**
 * Turns the bytes of one input, or of a part that starts at a record, into records. Synchronous; one instance per part.
 * Chunks may end anywhere.
 */
export interface RecordReader {
  push(chunk: Uint8Array): void
  /** No more bytes: the last line may lack its newline. */
  end(): void
  /** Physical lines read so far; a last one without newline counts once `end` was called. */
  readonly lines: number
  /** True when the bytes so far end where a record ends, or there were none: another part may begin here. */
  readonly isBetweenRecords: boolean
  /** CSV: the names of the fields of all records; null as long as no record gave them, and for other formats. */
  readonly names: readonly string[] | null
}

/** One value column of a group table: the states of one aggregate for groups 0, 1, 2 … */
export interface Column {
  /** Bytes held now, in and outside typed arrays; the table's budget counts them. */
  readonly bytes: number
  /** Makes room for groups 0..capacity-1; new ones are empty. */
  grow(capacity: number): void
  /**
   * Adds one record's value. `value` is undefined when the field is absent; `by` is the ordering field's value of first and last.
   * @returns false when a value that is neither absent nor null could not be used (a coercion failure, counted by the caller)
   */
  add(group: number, value: unknown, by?: unknown): boolean
  /** Appends the state of a group; `merge` reads it back and combines. Merging is associative and commutative, to the byte. */
  write(group: number, out: ByteWriter): void
  merge(group: number, input: ByteReader): void
  /** The result for a group. */
  finish(group: number): Cell
  /** True when the result is an estimate (distinct beyond its exact limit). */
  isApproximate(group: number): boolean
  /**
   * Forgets all groups. Keeps room for a few (at least for group 0) and gives large arrays back: `grow` comes again before
   * more. A merge clears columns of one group before every group: that neither allocates nor takes long.
   */
  clear(): void
}

export interface ByteWriter {
  u8(value: number): void
  varint(value: number): void
  f64(value: number): void
  /** Length-prefixed UTF-8. */
  text(value: string): void
  /** Length-prefixed bytes. */
  bytes(value: Uint8Array): void
}

export interface ByteReader {
  u8(): number
  varint(): number
  f64(): number
  text(): string
  bytes(): Uint8Array
}

export interface ResultRow {
  readonly keyset: string
  readonly key: readonly string[]
  readonly values: readonly Cell[]
  /** Indexes into `values` whose cell is an estimate; empty for most rows. */
  readonly approximate: readonly number[]
}

/** Counts of one run or one part of it. in = used + filtered + bad; blank lines are not records. */
export interface Account {
  bytes: number
  /** Lines or records that hold something. */
  in: number
  /** Records that reached at least one group. */
  used: number
  filtered: number
  bad: number
  blank: number
  badByReason: Record<string, number>
  /** Why records were filtered: `no JSON object on the line`, `preprocess`, `key part missing`. Sums to `filtered`. */
  filteredByReason: Record<string, number>
  /** The first bad records in input order, at most sampleCountMax per reason. */
  badSamples: BadSample[]
  /** Pairs that a keyset dropped because a key part was absent or null, by `keyset.part`. */
  dropped: Record<string, number>
  /** Values that were neither absent nor null nor usable, by `keyset.column`; with the first example. */
  coerced: Record<string, {count: number; example: string}>
  /** Errors of transforms and keyset hooks (they cost a part, not the record), by hook; with the first example. */
  hookErrors: Record<string, {count: number; message: string; sample: BadSample}>
}

export interface BadSample {
  readonly reason: string
  readonly file: string
  /** Counts from 1 in the whole (decompressed) file. */
  readonly line: number
  /** Safe to print, cut to a few hundred characters. */
  readonly excerpt: string
  /** Error text or hook name. */
  readonly detail?: string
}
