/** What needs no package of the cases of `npm run test:sql`: the kernel gives the same, and each plan is a query or is refused. */
import {expect, test} from 'vitest'
import {clickhouse, compileSql, duckdb, runQuery} from '../../src/sql/index.ts'
import {openEngines, verdictsOf} from './differential.ts'
import {caseOf, params} from './random-case.ts'

const caseCount = 300
const perTest = 100
const firstSeeds = Array.from({length: caseCount / perTest}, (_, index) => index * perTest + 1)

test.each(firstSeeds)('the kernel gives what the row evaluator gives, seeds from %i', async first => {
  const engines = await openEngines('kernel')
  let compared = 0
  for (let seed = first; seed < first + perTest; seed++) {
    const {kernel} = await verdictsOf(engines, caseOf(seed))
    if (kernel !== undefined) compared++
    expect({seed, verdict: kernel?.verdict ?? 'same', detail: kernel?.detail}).toEqual({seed, verdict: 'same'})
  }
  expect(compared).toBeGreaterThan(perTest / 2)
})

test.each([clickhouse, duckdb])('a random plan is a query of $name or is refused, and mostly the former', dialect => {
  let queries = 0
  for (let seed = 1; seed <= perTest; seed++) {
    const found = compileSql({plan: caseOf(seed).plan, params, dialect, isFinishedHere: true})
    if ('refused' in found) expect({seed, refused: found.refused.length}).not.toEqual({seed, refused: 0})
    else queries += runQuery(found, 'SELECT 1 AS line').length > 0 ? 1 : 0
  }
  expect(queries).toBeGreaterThan(perTest / 2)
})
