import type {FormatNode} from '../../rules/index.ts'
import type {RecordSink} from '../contracts.ts'
import {badText} from './bytes.ts'
import {CsvCells} from './csv-cells.ts'
import {RecordShape} from './fields.ts'

export type CsvFormat = Extract<FormatNode, {readonly format: 'csv' | 'dynamic'}>

/** Texts of CSV records in, named records out. Knows about names; nothing about bytes and lines. */
export class CsvRows {
  readonly #sink: RecordSink
  readonly #cells: CsvCells
  readonly #fields: CsvFormat['fields']
  #names: readonly string[] | null = null
  #shape: RecordShape | undefined

  /** @param names - the names that an earlier part of the input found, if one did */
  constructor(format: CsvFormat, sink: RecordSink, names: readonly string[] | undefined) {
    this.#sink = sink
    this.#cells = new CsvCells(format.delimiter)
    this.#fields = format.fields
    const known = Array.isArray(format.fields) ? format.fields : names
    if (known !== undefined) this.#shape = this.#named(known)
  }

  /** null until a record gave them. */
  get names(): readonly string[] | null {
    return this.#names
  }

  /**
   * Reads one record.
   *
   * @param text - without its line end; CRs that belong to it may be left
   * @param isClean - known to hold neither NUL nor CR
   * @param isOpen - the input ends inside its quotes: the last cell runs to the end of the text
   */
  read(text: string, line: number, isClean: boolean, isOpen: boolean): void {
    const record = isClean || isOpen ? text : withoutReturns(text)
    if (record === '') {
      this.#sink.skipped('blank', line)
      return
    }
    const problem = this.#cells.split(record, isClean, isOpen)
    if (problem !== undefined) {
      this.#sink.bad(problem.reason, line, badText(text), problem.detail)
      return
    }
    if (this.#shape === undefined) {
      this.#shape = this.#named(this.#namesFromCells())
      if (this.#fields === 'header') return
    }
    this.#sink.record(this.#shape.record(this.#cells.cells, this.#cells.count), line)
  }

  #named(names: readonly string[]): RecordShape {
    this.#names = names
    return new RecordShape(names)
  }

  #namesFromCells(): string[] {
    const {cells, count} = this.#cells
    return this.#fields === 'header' ? cells.slice(0, count) : Array.from({length: count}, (_, index) => String(index))
  }
}

function withoutReturns(text: string): string {
  let end = text.length
  while (end > 0 && text.charCodeAt(end - 1) === 0x0d) end--
  return text.slice(0, end)
}
