/** Adds up the values of another job's results. */
import {defineJob} from 'disco-inferno'

export default defineJob({
  name: 'reads-results',
  reader: 'records',
  map: ([, value]) => [['all', value as number] as [string, number]],
  reduce(key, values) {
    let sum = 0
    for (const value of values) sum += value
    return [[key, sum] as [string, number]]
  },
  partitions: 1,
})
