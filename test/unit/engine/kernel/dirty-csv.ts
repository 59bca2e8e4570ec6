/** Random CSV, from clean to broken, for comparing the kernel with the row path. Same random numbers, same bytes. */
import type {Random} from '../../../../src/base/index.ts'
import type {CsvOptions} from '../../../../src/rules/index.ts'
import {
  badNumbers,
  chance,
  meanings,
  mutated,
  numbers,
  oddNumbers,
  randomNumber,
  type Taste,
  texts,
} from './dirty-data.ts'

export interface SomeCsv {
  readonly format: CsvOptions
  /** Of the columns, as a part that is not the first of its input is told. */
  readonly names: readonly string[]
  readonly bytes: Uint8Array
  readonly lineCount: number
}

const names = ['a', 'b', 'n', 'u', 'price', 'u.x', 'a.b', 'count', '__proto__', 'constructor', 'ü', 'other', '', 'x y']

/** How the cells of one input are written. */
interface Dialect {
  readonly delimiter: string
  /** How often a cell stands in quotes without need, 0 to 1. */
  readonly quoting: number
  /** As they end, most of the time. */
  readonly lineEnd: string
  readonly taste: Taste
}

export function someCsv(random: Random, taste: Taste): SomeCsv {
  const dialect: Dialect = {
    delimiter: random.pick([',', ',', ',', ';', '\t', '|', ' ', '\u0001', 'a', '\\']),
    quoting: random.pick([0, 0, 0.1, 1]),
    lineEnd: random.pick(['\n', '\n', '\r\n']),
    taste,
  }
  const columns = Array.from({length: 1 + random.int(random.int(6) === 0 ? 40 : 8)}, () => {
    const someValue = random.pick([someText, someText, somePlainNumber])
    return {
      name: chance(random, 0.8) ? random.pick(names.slice(0, 6)) : random.pick(names),
      values: Array.from({length: 1 + random.int(5)}, () => someValue(random, taste)),
    }
  })
  const columnNames = columns.map(({name}) => name)
  const fields = random.pick(['header', 'header', 'given', undefined] as const)
  const given = columnNames.filter(name => name !== '')
  const pieces: Uint8Array[] = []
  if (chance(random, 0.1)) pieces.push(Buffer.from(random.pick(['\ufeff', '\n', '\r\n', '\ufeff"', '"'])))
  if (fields === 'header') pieces.push(record(random, columnNames, dialect))
  const lineCount = random.pick([1, 5, 40, 200])
  for (let row = 0; row < lineCount; row++) {
    const cells = columns.map(({values}) =>
      chance(random, taste.oddness * 0.3) ? someText(random, taste) : random.pick(values),
    )
    if (chance(random, taste.oddness * 0.1)) cells.length = random.int(cells.length + 1)
    if (chance(random, taste.oddness * 0.1)) cells.push(someText(random, taste))
    pieces.push(record(random, cells, dialect))
  }
  const bytes = Buffer.concat(pieces)
  return {
    format: {
      type: 'csv',
      ...(dialect.delimiter === ',' && random.int(2) === 0 ? {} : {delimiter: dialect.delimiter}),
      ...(fields === undefined ? {} : {fields: fields === 'given' ? (given.length > 0 ? given : ['a']) : fields}),
    },
    names: columnNames,
    bytes: random.int(2) === 0 ? bytes : bytes.subarray(0, bytes.length - 1 - random.int(2)),
    lineCount,
  }
}

function someText(random: Random, {oddness, brokenness}: Taste): string {
  if (chance(random, oddness * 0.002)) return 'long '.repeat(random.pick([100, 4_000, 14_000, 27_000]))
  if (chance(random, brokenness * 0.002)) return `"${'open '.repeat(110_000)}`
  if (chance(random, oddness)) {
    return random.pick([
      () => random.pick(oddTexts),
      () => random.pick(oddNumbers),
      () => random.pick(badNumbers),
      () => randomNumber(random),
      () => random.pick(meanings),
    ])()
  }
  return random.pick(random.int(2) === 0 ? numbers : texts)
}

/** What a column of numbers holds, so that whole batches of records can be added up; around the eight bytes that are read at once. */
function somePlainNumber(random: Random): string {
  const digits = Array.from({length: 1 + random.int(random.int(4) === 0 ? 15 : 8)}, () => random.int(10)).join('')
  const point = random.int(digits.length)
  const sign = random.int(6) === 0 ? '-' : ''
  return `${sign}${point === 0 ? digits : `${digits.slice(0, point)}.${digits.slice(point)}`}`
}

const oddTexts = [
  'two\nlines',
  'two\r\nlines',
  'a\rb',
  '\n',
  '\r',
  'say "so"',
  '"',
  '""',
  'a,b',
  'a;b\tc|d',
  ',',
  'NUL\u0000',
  'one\u0001',
  '+5',
  '007',
  '1.',
  '.5',
  '-.5',
  '1,000',
  ' 12',
  '12 ',
  '-',
  '.',
  '5 6',
  '1.2.3',
  'x'.repeat(70),
  'ü'.repeat(40),
  ' ',
  '\t',
  '\u00a0',
]

function record(random: Random, cells: readonly string[], dialect: Dialect): Uint8Array {
  const {oddness, brokenness} = dialect.taste
  const line = cells.map(cell => written(random, cell, dialect)).join(dialect.delimiter)
  const end = chance(random, oddness * 0.1)
    ? random.pick(['\n', '\r\n', '\r\r\n', '\n\n', '\r\n\r\n', '\r'])
    : dialect.lineEnd
  const bytes = Buffer.from(line)
  return Buffer.concat([chance(random, brokenness) ? mutated(random, bytes) : bytes, Buffer.from(end)])
}

function written(random: Random, cell: string, {delimiter, quoting, taste}: Dialect): string {
  // Not as it should be: a quote in the middle of a cell, text behind a closing one, one that is not closed.
  if (chance(random, taste.brokenness * 0.1)) return cell
  if (chance(random, taste.brokenness * 0.1))
    return random.pick([`"${cell}`, `${cell}"`, `"${cell}"x`, `x"${cell}"`, ` "${cell}"`, `"${cell}" `])
  const isNeeded = cell.includes(delimiter) || /["\r\n]/.test(cell)
  return isNeeded || chance(random, quoting) ? `"${cell.replaceAll('"', '""')}"` : cell
}
