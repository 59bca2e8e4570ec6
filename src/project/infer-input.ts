/** `inferno infer FILE`: reads the first records of an input and says what is in it. */
import {formatBytes, printable, UserError} from '../base/index.ts'
import type {FormatNode, Parts} from '../rules/index.ts'
import {textWidth} from '../sinks/index.ts'
import {findInputs, type InputFile, readRecords} from '../worker/index.ts'
import {firstQuery} from './infer/first-query.ts'
import {type Inference, inferFile} from './infer/infer-file.ts'
import type {InferredField} from './infer/inferred-field.ts'
import {guessInputFormat, inputOfNode} from './input-format.ts'

export interface InferResult extends Inference {
  readonly file: string
  readonly bytes: number | null
  readonly format: string
  /** Nobody said how it is written: a query would guess the same. */
  readonly isGuessed: boolean
  /** Lines among those looked at that hold no record. */
  readonly bad: number
}

/** @throws UserError INPUT_NOT_FOUND, INPUT_UNREADABLE */
export async function inferInput(
  path: string,
  node: Exclude<FormatNode, {readonly format: 'custom'}> | undefined,
): Promise<InferResult> {
  const [file] = findInputs([path]).files
  if (!file) throw new UserError('INPUT_NOT_FOUND', `there is no input ${printable(path)}`, {exitCode: 2})
  const guessed = node === undefined ? await guessInputFormat([path]) : undefined
  const format = node ?? guessed!.node
  const lastDay = inputOfNode(format).isYearless ? lastDayNow() : undefined
  const counts: {bad: number; example?: string} = {bad: 0}
  const inference = await inferFile(recordsOf(file, format, counts), {fileName: file.name, format, lastDay})
  if (inference.records === 0) {
    const {bad, example} = counts
    const isOtherText = example === 'not UTF-8'
    const lines = `${bad === 1 ? '1 line' : `${bad} lines`} cannot be read${example === undefined ? '' : `: ${example}`}`
    const hint = isOtherText
      ? 'convert it, for example with: iconv -f LATIN1 -t UTF-8'
      : 'name another format with --from'
    throw new UserError('INPUT_UNREADABLE', `${printable(file.name)} holds no record in the format ${format.format}`, {
      hint: bad > 0 ? `${lines}; ${hint}` : 'the file is empty',
    })
  }
  return {
    ...inference,
    file: file.name,
    bytes: file.bytes ?? null,
    format: guessed?.description ?? format.format,
    isGuessed: guessed !== undefined,
    bad: counts.bad,
  }
}

const dayMs = 86_400_000

/** Clocks of other zones may be a day ahead. */
const lastDayNow = (): string => new Date(Date.now() + dayMs).toISOString().slice(0, 10)

async function* recordsOf(
  file: InputFile,
  format: FormatNode,
  counts: {bad: number; example?: string},
): AsyncGenerator<Parts> {
  for await (const item of readRecords(file, format)) {
    if (item.type === 'record') yield item.parts
    else if (item.type === 'bad') {
      counts.bad++
      counts.example ??= item.reason
    } else if (item.kind === 'no-object') counts.bad++
  }
}

/** The survey of the fields, for people; the rule itself is `ruleSource`. Safe to print. */
export function inferText(result: InferResult): string {
  const {file, bytes, format, records, isSample, bad, fields, fieldsOmitted, wrapped} = result
  const size = bytes === null ? '' : `, ${formatBytes(bytes)}`
  const unread = bad === 0 ? '' : bad === 1 ? ', 1 line that is none' : `, ${bad} lines that are none`
  const head = `${printable(file)}${size}: ${format}; ${isSample ? 'first ' : ''}${records === 1 ? '1 record' : `${records} records`}${unread}`
  const rows = fields.map(fieldRow)
  const widths = [0, 1, 2, 3].map(column => Math.max(...rows.map(row => textWidth(row[column]!))))
  const pad = (cell: string, column: number): string =>
    column === 4 ? cell : cell + ' '.repeat(widths[column]! - textWidth(cell))
  const lines = rows.map(row => `  ${row.map(pad).join('  ')}`.trimEnd())
  const omitted = fieldsOmitted > 0 ? [`  … and ${fieldsOmitted} more fields`] : []
  const texts = wrapped.map(
    field => `  the text in ${printable(field)} is JSON: its fields are read with parseJson, --parse-json of a query`,
  )
  texts.push(...pairsLine(fields))
  const query = result.isGuessed ? firstQuery(result) : undefined
  const tries = query === undefined ? [] : [`try: ${query}`]
  return `${[head, ...lines, ...omitted, ...texts, ...tries].join('\n')}\n`
}

/** Servers put times and names behind what a format knows: `rt=0.019 urt="0.2"`. */
function pairsLine(fields: readonly InferredField[]): string[] {
  const pair = /(?:^|\s)([A-Za-z_]\w*)=("?)\d+(?:\.\d+)?\2(?=\s|$)/
  for (const {name, type, examples} of fields) {
    const [, key, quote] = (type === 'text' && examples.length > 0 && pair.exec(examples[0]!)) || []
    if (key === undefined || !/^\w+$/.test(name)) continue
    const pattern = `${key}=${quote === '' ? '' : '.'}([0-9.]+)`
    return [`  the text in ${name} has numbers with names: p95(extract(${name}, "${pattern}")) of a query`]
  }
  return []
}

function fieldRow(field: InferredField): [string, string, string, string, string] {
  const type = field.timestamp === undefined ? field.type : `${field.type} (${field.timestamp})`
  const nulls = field.nullShare > 0 ? `${(field.nullShare * 100).toFixed(field.nullShare < 0.1 ? 1 : 0)}% empty` : ''
  return [
    printable(field.name),
    type,
    `${field.distinct} different`,
    nulls,
    printable(field.examples.slice(0, 3).join(' | ')).slice(0, 80),
  ]
}
