/** Where records end: at line ends, for CSV at line ends outside of quotes. */
import {unreachable} from '../../base/index.ts'

export type RecordFormat = {readonly type: 'lines'} | {readonly type: 'csv'; readonly separator: number}

/** What is known of the records of some bytes that begin at a record's begin. */
export interface RecordEnds {
  readonly count: number
  /** Just behind the last record that is complete; 0 if there is none. */
  readonly end: number
  /** Length and number (from 0) of the longest complete record. */
  readonly longest: number
  readonly longestIndex: number
  /** Where the first record ends: a CSV header. */
  readonly firstEnd: number
}

const lineFeed = 0x0a
const quote = 0x22

/** Finds the record ends in `bytes[0, length)`. */
export function findRecordEnds(bytes: Buffer, length: number, format: RecordFormat): RecordEnds {
  switch (format.type) {
    case 'lines':
      return lineEnds(bytes, length)
    case 'csv':
      return csvEnds(bytes, length, format.separator)
    default:
      return unreachable(format)
  }
}

function lineEnds(bytes: Buffer, length: number): RecordEnds {
  const text = bytes.subarray(0, length)
  const found = new Found()
  for (let at = text.indexOf(lineFeed); at >= 0; at = text.indexOf(lineFeed, at + 1)) found.add(at + 1)
  return found
}

/** A quote counts where a field begins, as in readers of CSV; elsewhere it is text. */
function csvEnds(bytes: Buffer, length: number, separator: number): RecordEnds {
  const found = new Found()
  let isFieldBegin = true
  let isQuoted = false
  for (let at = 0; at < length; at++) {
    const byte = bytes[at]
    if (isQuoted) {
      // A doubled quote closes and opens again: the second one is not at a field's begin, so it is looked at here.
      if (byte === quote) {
        if (bytes[at + 1] === quote && at + 1 < length) at++
        else isQuoted = false
      }
    } else if (byte === lineFeed) {
      found.add(at + 1)
      isFieldBegin = true
    } else if (byte === separator) {
      isFieldBegin = true
    } else {
      isQuoted = byte === quote && isFieldBegin
      isFieldBegin = false
    }
  }
  return found
}

class Found implements RecordEnds {
  count = 0
  end = 0
  longest = 0
  longestIndex = 0
  firstEnd = 0

  add(end: number): void {
    if (end - this.end > this.longest) {
      this.longest = end - this.end
      this.longestIndex = this.count
    }
    if (this.count === 0) this.firstEnd = end
    this.count++
    this.end = end
  }
}
