import {nextLongInteger} from '../../base/index.ts'
import type {RecordSink} from '../contracts.ts'
import {braceCode} from './bytes.ts'
import {type CsvFormat, CsvRows} from './csv-rows.ts'
import {JsonLines} from './json-lines.ts'

/**
 * Lines of either kind (D14): JSON when the first character that is no blank is `{`, else CSV.
 *
 * CSV cells cannot hold newlines here: a quote that is open at the end of its line is bad.
 */
export class DynamicLines {
  readonly #json: JsonLines
  readonly #rows: CsvRows

  constructor(format: CsvFormat, sink: RecordSink, names: readonly string[] | undefined) {
    this.#json = new JsonLines(sink)
    this.#rows = new CsvRows(format, sink, names)
  }

  get names(): readonly string[] | null {
    return this.#rows.names
  }

  readLine(text: string, line: number): void {
    if (firstCode(text) === braceCode) this.#json.readLine(text, line, nextLongInteger(text, 0) < text.length)
    else this.#rows.read(text, line, false, false)
  }
}

function firstCode(text: string): number {
  let at = 0
  while (text.charCodeAt(at) === 0x20 || text.charCodeAt(at) === 0x09) at++
  return text.charCodeAt(at)
}
