import {expect, test} from 'vitest'
import {makeLinks, RunList, RunTable} from '../../../src/scheduler/run-table.ts'
import type {Run} from '../../../src/scheduler/state.ts'

const runOf = (id: number): Run => ({id, links: makeLinks()}) as unknown as Run

test('a table finds runs by their numbers, and those no more that were taken out', () => {
  const table = new RunTable()
  const runs = Array.from({length: 200}, (_, id) => runOf(id))
  for (const run of runs) table.add(run)
  table.add(runs[7]!)
  for (const run of runs) if (run.id % 2 === 0) table.delete(run)
  table.delete(runs[0]!)
  expect(table.size).toBe(100)
  expect(table.get(64)).toBeUndefined()
  expect(table.get(65)).toBe(runs[65])
  expect([...table].map(run => run.id).sort((a, b) => a - b)).toEqual(
    runs.map(run => run.id).filter(id => id % 2 === 1),
  )
})

test('a list keeps the order of starts', () => {
  const list = new RunList()
  const runs = [1, 2, 3, 4].map(runOf)
  for (const run of runs) list.add(run)
  list.delete(runs[1]!)
  list.delete(runs[1]!)
  expect([...list].map(run => run.id)).toEqual([1, 3, 4])
  list.delete(runs[3]!)
  list.delete(runs[0]!)
  expect([...list].map(run => run.id)).toEqual([3])
  expect(list.size).toBe(1)
  list.delete(runs[2]!)
  expect([...list]).toEqual([])
})

test('runs may be taken out of a list while somebody goes through it', () => {
  const list = new RunList()
  const runs = [1, 2, 3, 4, 5].map(runOf)
  for (const run of runs) list.add(run)
  const seen: number[] = []
  for (const run of list) {
    seen.push(run.id)
    list.delete(run)
    if (run.id === 2) for (const other of runs.slice(2, 4)) list.delete(other)
  }
  expect(seen).toEqual([1, 2, 5])
  expect(list.size).toBe(0)
})
