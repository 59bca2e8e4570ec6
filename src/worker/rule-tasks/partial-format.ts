/**
 * A partial: what a scan found in an input, or several of those merged. Rows can be made from it, and it can be merged again.
 *
 *     partial = "DISCPRT2"  contents  footer  tail
 *     tail    = u32 bytes of the footer  u32 CRC-32 of the footer  u32 CRC-32 of everything before the tail  "DISCPEND"; low byte first
 *
 * Contents are runs (blocks with their length in front, as in temporary files) and bad lines, one JSON text a line; the footer is
 * JSON and says where they are. It stands at the end because a merge knows the runs' lengths only when they are written. A merge that
 * leaves large runs as they are names them where they stand, in partials that go with it: its parts.
 */
import type {Account} from '../../engine/index.ts'
import type {UnusedFiles} from '../unused-files.ts'

export const partialMagic: Buffer = Buffer.from('DISCPRT2', 'latin1')
export const partialEnd: Buffer = Buffer.from('DISCPEND', 'latin1')
export const tailBytes = 20

/** Also part of the key under which partials are kept: to be raised when blocks, states or accounts change their form. */
export const partialVersion = 3

export interface Span {
  readonly from: number
  readonly end: number
}

export interface RunEntry extends Span {
  /** Number of the part that it stands in; absent: it stands in this file. */
  readonly part?: number
  /** Of its blocks, without their lengths. */
  readonly bytes: number
  /** Of a run of groups: base64. */
  readonly index: {readonly keys: string; readonly keyEnds: string; readonly blockBytes: string} | null
}

export interface BadEntry extends Span {
  /** Number among the partial's inputs. */
  readonly input: number
  readonly name: string
}

/** An input whose statistics rule out that any of its records is used. */
export interface SkippedInput {
  /** Number among the partial's inputs. */
  readonly input: number
  readonly recordCount: number
  /** Before compression. */
  readonly rawBytes: number
  /** For people: what rules it out. */
  readonly because: string
}

export interface PartialFooter {
  readonly version: number
  /** Under which it is kept; empty for what is not kept. */
  readonly key: string
  /** Of a single input: how it was called when it was scanned. */
  readonly name: string
  readonly account: Account
  /** Physical lines of a single input. */
  readonly lines: number
  /** Runs by table number. */
  readonly tables: readonly (readonly RunEntry[])[]
  readonly bad: readonly BadEntry[]
  /** Numbers of inputs whose partials were kept from earlier. */
  readonly cached: readonly number[]
  /** Numbers of inputs that nobody could give. */
  readonly missing: readonly number[]
  /** Inputs whose records were not read. Older nodes tell none. */
  readonly skips?: readonly SkippedInput[]
  /** Of a merge: inputs that gave nothing to any group. Older nodes tell none. */
  readonly unused?: UnusedFiles
  /** Bytes of the partials that it names runs of; absent: it stands alone. */
  readonly parts?: readonly number[]
}
