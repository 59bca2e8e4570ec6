/** Where to cut text that has been read, so that the chunk ends with a record. */
import {findRecordEnds, type RecordFormat} from '../../client/index.ts'

export interface CutFormat {
  readonly format: RecordFormat
  /** The first record names the fields and is repeated before every chunk. */
  readonly hasHeader: boolean
  /** A longer record is an error. Bytes. */
  readonly recordBytesMax: number
}

export interface TextCut {
  readonly type: 'cut'
  /** Of the text, including a header that was put before it. */
  readonly length: number
  readonly recordCount: number
}

export type TextCutResult =
  | TextCut
  /** More text is needed for one whole record. */
  | {readonly type: 'more'}
  | {readonly type: 'nothing'}
  | {readonly type: 'too-long'; readonly bytes: number}

/**
 * @param bytes - begins with the header, if there is one
 * @param isAll - nothing comes behind it now
 * @param isFinal - nothing will ever come behind it: a last record without its end is one
 */
export function cutText(
  bytes: Buffer,
  {format, hasHeader, recordBytesMax}: CutFormat,
  isAll: boolean,
  isFinal: boolean,
): TextCutResult {
  const ends = findRecordEnds(bytes, bytes.length, format)
  const restBytes = bytes.length - ends.end
  const longest = Math.max(ends.longest, restBytes)
  if (longest > recordBytesMax) return {type: 'too-long', bytes: longest}
  const isPartTaken = isAll && isFinal && restBytes > 0
  const recordCount = ends.count + Number(isPartTaken) - Number(hasHeader)
  if (recordCount > 0) return {type: 'cut', length: isPartTaken ? bytes.length : ends.end, recordCount}
  return {type: isAll ? 'nothing' : 'more'}
}
