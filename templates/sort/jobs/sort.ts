/**
 * Sorts lines by their bytes, over all inputs: the results one after the other are in order.
 *
 * Each partition takes a range of lines, so the boundaries decide how even the work is: take them from a sample of the data.
 */
import {defineJob} from 'disco-inferno'

export default defineJob({
  name: 'sort',
  inputs: ['data'],
  *map(line) {
    yield [line, null]
  },
  partition(line, partitions, params) {
    const boundaries = params['boundaries'] as string[]
    let partition = 0
    while (partition < partitions - 1 && partition < boundaries.length && line >= boundaries[partition]!) partition++
    return partition
  },
  *reduce(line, occurrences) {
    // Lines that occur several times stay several lines.
    for (const _ of occurrences) yield [line, null]
  },
  partitions: 4,
  params: {boundaries: ['g', 'n', 't']},
})
