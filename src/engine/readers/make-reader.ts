import {InvariantError, unreachable} from '../../base/index.ts'
import type {FormatNode} from '../../rules/index.ts'
import type {RecordReader, RecordSink} from '../contracts.ts'
import {readAccessLog} from './access-log.ts'
import {CsvReader} from './csv-reader.ts'
import type {CsvFormat} from './csv-rows.ts'
import {DynamicLines} from './dynamic-lines.ts'
import {JsonLines} from './json-lines.ts'
import {namesStepBytes, recordBytesMax as recordBytesMaxDefault} from './limits.ts'
import {LineFeed} from './line-feed.ts'
import {readLogfmt} from './logfmt.ts'
import {regexLineReader} from './regex-lines.ts'
import {TextLines} from './text-lines.ts'

export interface ReaderOptions {
  /** The part starts at the beginning of its input: a byte order mark is dropped. */
  readonly isFirst: boolean
  /**
   * CSV and dynamic: the names that an earlier part of the same input gave (`namesOfFirstRecord`). Without them, and
   * without names in the format, this part's own first CSV record gives them.
   */
  readonly names?: readonly string[]
  /**
   * Regex: the fields that anybody looks at, who keeps no text of them; the others are left out. Undefined: functions may see records, which
   * have all fields then.
   */
  readonly fieldsSeen?: ReadonlySet<string> | undefined
  /** Bytes; a longer record is bad. */
  readonly recordBytesMax?: number
}

/**
 * A reader of one part of an input.
 *
 * It never throws for what the bytes are. What the sink throws passes through; the reader is of no use after that.
 * Texts of fields keep alive at most the record that they come from; with `fieldsSeen` the block.
 *
 * @throws InvariantError for a custom format; UserError BAD_RULE for a regex format whose pattern is none or names no group
 */
export function makeReader(format: FormatNode, sink: RecordSink, options: ReaderOptions): RecordReader {
  const limits = {isFirst: options.isFirst, recordBytesMax: options.recordBytesMax ?? recordBytesMaxDefault}
  const byLine = (readLine: (text: string, line: number) => void, isPassing = false): RecordReader =>
    new LineFeed(new TextLines(readLine, isPassing), sink, limits)
  switch (format.format) {
    case 'json':
      return new LineFeed(new JsonLines(sink), sink, limits)
    case 'csv':
      return new CsvReader(format, sink, {...limits, names: options.names})
    case 'dynamic': {
      const lines = new DynamicLines(format, sink, options.names)
      return byLine((text, line) => lines.readLine(text, line))
    }
    case 'logfmt':
      return byLine((text, line) => readLogfmt(text, line, sink))
    case 'common-log':
      return byLine((text, line) => readAccessLog(text, line, false, sink))
    case 'combined-log':
      return byLine((text, line) => readAccessLog(text, line, true, sink))
    case 'regex':
      return byLine(regexLineReader(format.pattern, sink, options.fieldsSeen), options.fieldsSeen !== undefined)
    case 'custom':
      throw new InvariantError('a custom format has its own reader')
    default:
      return unreachable(format)
  }
}

/**
 * The names that the first CSV record of an input gives to all parts of it.
 *
 * @param bytes - the input's beginning: whole records, as the cutter cuts them
 * @param options - of the reader that these bytes are for
 * @returns null when no record in these bytes gives names; then the next part may (its reader finds them by itself, too)
 */
export function namesOfFirstRecord(
  bytes: Uint8Array,
  format: CsvFormat,
  options: Omit<ReaderOptions, 'names'> = {isFirst: true},
): readonly string[] | null {
  const limits = {isFirst: options.isFirst, recordBytesMax: options.recordBytesMax ?? recordBytesMaxDefault}
  let reader: RecordReader
  let names: () => readonly string[] | null
  if (format.format === 'csv') {
    const csv = new CsvReader(format, unheard, limits)
    reader = csv
    names = () => csv.names
  } else {
    const lines = new DynamicLines(format, unheard, undefined)
    reader = new LineFeed(new TextLines((text, line) => lines.readLine(text, line)), unheard, limits)
    names = () => lines.names
  }
  for (let start = 0; start < bytes.length && names() === null; start += namesStepBytes)
    reader.push(bytes.subarray(start, start + namesStepBytes))
  if (names() === null) reader.end()
  return names()
}

const unheard: RecordSink = {record: () => undefined, bad: () => undefined, skipped: () => undefined}
