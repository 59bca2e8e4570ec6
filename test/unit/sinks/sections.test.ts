import {expect, test} from 'vitest'
import {sectionsOf} from '../../../src/sinks/sections.ts'
import {headerOf, rowOf} from './rows.ts'

test('the rows read ahead are copies, later ones pass as they are', () => {
  const rows = Array.from({length: 1200}, (_, index) => rowOf('k', [`s${index}`], [index, [index]], [1]))
  for (const section of sectionsOf([headerOf('k', ['a', 'b', 'c'])], rows)) {
    const read = [...section.rows]
    expect(read).toEqual(rows)
    expect(read[0]).not.toBe(rows[0])
    expect(read[0]!.key).not.toBe(rows[0]!.key)
    expect(read[1100]).toBe(rows[1100])
  }
})
