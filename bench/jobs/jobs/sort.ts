/** Sorts lines by their bytes: a partition is a range of them, by boundaries taken from a sample. */
import {defineJob} from 'disco-inferno'

export default defineJob({
  name: 'bench-sort',
  inputs: ['bench:text'],
  *map(line) {
    yield [line, null]
  },
  partition(line, partitions, params) {
    const boundaries = params['boundaries'] as string[]
    let partition = 0
    while (partition < partitions - 1 && line >= boundaries[partition]!) partition++
    return partition
  },
  *reduce(line, occurrences) {
    for (const _ of occurrences) yield [line, null]
  },
  partitions: 4,
  params: {boundaries: []},
})
