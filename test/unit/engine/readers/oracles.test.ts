/** The fast readers against slow ones that are easy to believe, on seeded random input. */
import {expect, test} from 'vitest'
import {seededRandom} from '../../../../src/base/index.ts'
import {records} from './collect.ts'

/** CSV one character at a time. */
function slowCsv(text: string): string[][] {
  const rows: string[][] = []
  let row: string[] = []
  let cell = ''
  let state: 'start' | 'plain' | 'quoted' | 'quoteSeen' = 'start'
  let isLineOpen = false
  for (const char of text) {
    isLineOpen = true
    if (state === 'quoted') {
      if (char === '"') state = 'quoteSeen'
      else cell += char
    } else if (state === 'quoteSeen' && char === '"') {
      cell += char
      state = 'quoted'
    } else if (state === 'start' && char === '"') {
      state = 'quoted'
    } else if (char === ',' || char === '\n') {
      row.push(cell)
      if (char === '\n') {
        if (row.length > 1 || cell !== '' || state !== 'start') rows.push(row)
        row = []
        isLineOpen = false
      }
      cell = ''
      state = 'start'
    } else {
      cell += char
      state = 'plain'
    }
  }
  if (isLineOpen) rows.push([...row, cell])
  return rows
}

test('csv reads what a character by character reader reads', () => {
  const random = seededRandom(7)
  const names = Array.from({length: 12}, (_, index) => `f${index}`)
  for (let index = 0; index < 4000; index++) {
    const text = Array.from({length: random.int(24)}, () =>
      random.pick(['"', '"', '""', ',', ',', '\n', 'a', 'é', ' ']),
    ).join('')
    const expected = slowCsv(text).map(row => names.map((_, place) => row[place] ?? null))
    const read = records({format: 'csv', fields: names, delimiter: ','}, text)
    expect(
      read.map(parts => names.map(name => parts[name])),
      JSON.stringify(text),
    ).toEqual(expected)
  }
})

test('json reads the integers that a reviver reads', () => {
  const random = seededRandom(11)
  const digits = (count: number): string =>
    String(1 + random.int(9)) + Array.from({length: count - 1}, () => random.int(10)).join('')
  const number = (): string =>
    `${random.pick(['', '-'])}${digits(1 + random.int(24))}${random.pick(['', '', '', '.5', 'e2', '.0', 'E-3'])}`
  const value = (): string => {
    const kind = random.int(6)
    if (kind === 0)
      return JSON.stringify(`${random.pick(['', '"', '\\', ': ', 'x,'])}${number()}${random.pick(['', '\\', ', '])}`)
    if (kind === 1) return `[${number()},{"${random.pick(['n', '__proto__', '7'])}": ${number()}}]`
    return number()
  }
  for (let index = 0; index < 4000; index++) {
    const members = Array.from(
      {length: 1 + random.int(4)},
      () => `"${random.pick(['a', 'b', 'c', '__proto__'])}":${random.pick(['', ' '])}${value()}`,
    )
    const text = `{${members.join(',')}}`
    const exact: unknown = JSON.parse(text, (_name: string, parsed: unknown, context?: {source?: string}) =>
      typeof parsed === 'number' && !Number.isSafeInteger(parsed) && /^-?\d+$/.test(context?.source ?? '')
        ? BigInt(context!.source!)
        : parsed,
    )
    expect(records({format: 'json'}, text), text).toEqual([exact])
  }
})
