/** What the editor accepts and refuses in a job. The checks are made by `tsc`: this file must compile, expected errors included. */
import {expect, test} from 'vitest'
import {defineJob, type Job} from '../../../src/api.ts'

const inferred = defineJob({
  name: 'inferred',
  *map(line, context) {
    const length: number = line.length
    yield [line, length]
    context.emit(line, 1)
  },
  combine: (key, values) => {
    const text: string = key
    let sum = text.length
    for (const value of values) sum += value
    return sum
  },
  partition: (key, partitions) => key.length % partitions,
  *reduce(key, values) {
    const text: string = key
    for (const value of values) yield [text, value.toFixed(2)]
  },
})

const ofCsv = defineJob({name: 'csv', reader: {type: 'csv', fields: ['a']}, map: row => [[row['a'] ?? '', 1]]})
const ofRecords = defineJob({name: 'records', reader: 'records', map: ([key, value]) => [[key, value]]})
const ofFunction = defineJob({
  name: 'function',
  reader: async function* (chunks, context) {
    for await (const chunk of chunks) {
      if (chunk.length === 0) context.bad('empty')
      yield {size: chunk.length}
    }
  },
  map: record => [[record.size, 1]],
})

/** Never called: only compiled. Each wrong line is an error, or `tsc` says that the expectation is unused. */
const refusedByTheEditor = (): Job[] => [
  // @ts-expect-error a misspelt option
  defineJob({name: 'a', map: line => [[line, 1]], reduces: () => []}),
  // @ts-expect-error no name
  defineJob({map: line => [[line, 1]]}),
  // @ts-expect-error a reader that does not exist
  defineJob({name: 'a', reader: 'cvs', map: () => []}),
  // @ts-expect-error a combiner of another type
  defineJob({name: 'a', map: line => [[line, 1]], combine: () => 'text', reduce: () => []}),
  // @ts-expect-error a partition that gives text
  defineJob({name: 'a', map: line => [[line, 1]], partition: key => key}),
  // @ts-expect-error a stage without a grouping
  defineJob({name: 'a', stages: [{name: 's', process: () => []}]}),
  // @ts-expect-error an unknown grouping
  defineJob({name: 'a', stages: [{name: 's', grouping: 'group', process: () => []}]}),
  // @ts-expect-error a map that gives text
  defineJob({name: 'a', map: line => line}),
]

test('jobs of every form compile', () => {
  expect([inferred, ofCsv, ofRecords, ofFunction].map(job => job.options.name)).toEqual([
    'inferred',
    'csv',
    'records',
    'function',
  ])
  expect(refusedByTheEditor).toBeTypeOf('function')
})
