import {expect, test} from 'vitest'
import {noFacts} from '../../../../src/ui/monitor/facts.ts'
import {type Column, headLine, placeColumns, rowLine} from '../../../../src/ui/monitor/table.ts'

const columns: readonly Column<{name: string; count: number}>[] = [
  {title: 'NAME', columns: 6, growth: 2, columnsMax: 12, rank: 0, cell: ({name}) => name},
  {title: 'COUNT', columns: 6, rank: 2, align: 'right', cell: ({count}) => String(count)},
  {title: 'BAR', columns: 5, growth: 1, rank: 1, cell: (_, __, width) => ({text: '█'.repeat(width), style: 'bar'})},
]
const titlesAt = (room: number): string[] =>
  placeColumns(columns, room).map(({column, columns}) => `${column.title} ${columns}`)

test('the columns of the highest rank go first, the others take the room', () => {
  expect(titlesAt(23)).toEqual(['NAME 6', 'COUNT 6', 'BAR 5'])
  expect(titlesAt(22)).toEqual(['NAME 11', 'BAR 7'])
  expect(titlesAt(14)).toEqual(['NAME 12'])
  expect(titlesAt(3)).toEqual(['NAME 6'])
  expect(titlesAt(60)).toEqual(['NAME 12', 'COUNT 6', 'BAR 36'])
})

test('rows and the head stand below each other; the cursor has a mark', () => {
  const placed = placeColumns(columns, 23)
  const row = {name: 'a long name', count: 7}
  const look = {isSelected: true, isFocused: true, isColor: false}
  expect(headLine(placed, {title: 'COUNT', isDescending: true})).toBe('  NAME    COUNT▼  BAR  ')
  expect(rowLine(placed, row, noFacts(0), look)).toBe('> a lon…       7  █████')
  expect(rowLine(placed, row, noFacts(0), {...look, isFocused: false})).toBe('· a lon…       7  █████')
  expect(rowLine(placed, row, noFacts(0), {...look, isSelected: false})).toBe('  a lon…       7  █████')
  expect(rowLine(placed, row, noFacts(0), {...look, isColor: true})).toBe('\u001b[7m> a lon…       7  █████\u001b[27m')
})
