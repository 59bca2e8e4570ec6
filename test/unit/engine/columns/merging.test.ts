import {expect, test} from 'vitest'
import {seededRandom} from '../../../../src/base/index.ts'
import {ByteCursor} from '../../../../src/engine/bytes/index.ts'
import {columnOf, filled, mergedAtRandom, mixedInputs, stateOf} from './column-kit.ts'

const nodes = [
  {aggregate: 'sum', absent: 0},
  {aggregate: 'sum', absent: 1},
  {aggregate: 'count', field: null},
  {aggregate: 'count', field: 'f'},
  {aggregate: 'min'},
  {aggregate: 'max'},
  {aggregate: 'avg'},
  {aggregate: 'stddev'},
  {aggregate: 'first', by: 'b'},
  {aggregate: 'last', by: 'b'},
  {aggregate: 'distinct', exactUpTo: 1000},
  {aggregate: 'distinct', exactUpTo: 20},
  {aggregate: 'quantile', q: 0.5},
  {aggregate: 'quantile', q: 0.95},
  {aggregate: 'histogram', bounds: [-10, 0, 0.5, 1e6]},
  {aggregate: 'collect', max: 5},
]

test.each(nodes)('$aggregate has the same bytes and result for any order, split and merging: %j', node => {
  for (let seed = 1; seed <= 40; seed++) {
    const random = seededRandom(seed)
    const inputs = mixedInputs(seed, seed % 4 === 0 ? random.int(4) : random.int(200))
    const expected = filled(node, inputs)
    for (let round = 0; round < 4; round++) {
      const merged = mergedAtRandom(node, inputs, random)
      expect(stateOf(merged)).toEqual(stateOf(expected))
      expect(merged.finish(0)).toEqual(expected.finish(0))
      expect(merged.isApproximate(0)).toBe(expected.isApproximate(0))
    }
  }
})

test.each(nodes)('$aggregate: groups are apart, and clear forgets them: %j', node => {
  const inputs = mixedInputs(99, 3000)
  const groups = 50
  const column = columnOf(node)
  for (const round of [1, 2]) {
    column.grow(10)
    for (const [index, {value, by}] of inputs.entries()) {
      const group = index % groups
      if (index === 10) column.grow(2000)
      column.add(group, value, by)
    }
    for (let group = 0; group < groups; group++) {
      const alone = filled(
        node,
        inputs.filter((_, index) => index % groups === group),
      )
      expect(stateOf(column, group)).toEqual(stateOf(alone))
      expect(column.finish(group)).toEqual(alone.finish(0))
    }
    const empty = columnOf(node)
    const before = column.bytes
    column.clear()
    expect(column.bytes).toBeLessThan(before)
    expect(stateOf(column)).toEqual(stateOf(empty))
    expect([round, column.finish(0)]).toEqual([round, empty.finish(0)])
  }
})

test.each(nodes)('$aggregate: an empty state changes nothing: %j', node => {
  const column = filled(node, mixedInputs(7, 50))
  const before = stateOf(column)
  column.merge(0, new ByteCursor(stateOf(columnOf(node))))
  expect(stateOf(column)).toEqual(before)
})
