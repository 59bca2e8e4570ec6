/** Counts what stands between spaces: what `tr ' ' '\n' | sort | uniq -c` counts. */
import {defineJob} from 'disco-inferno'

const add = (counts: Iterable<number>): number => {
  let sum = 0
  for (const count of counts) sum += count
  return sum
}

export default defineJob({
  name: 'bench-words',
  inputs: ['bench:text'],
  *map(line) {
    for (const word of line.split(' ')) yield [word, 1]
  },
  combine: (_word, counts) => add(counts),
  *reduce(word, counts) {
    yield [word, add(counts)]
  },
  partitions: 2,
})
