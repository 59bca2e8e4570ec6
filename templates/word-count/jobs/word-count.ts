/** How often does each word occur? Map, combine, reduce. */
import {defineJob} from 'disco-inferno'

const add = (counts: Iterable<number>): number => {
  let sum = 0
  for (const count of counts) sum += count
  return sum
}

export default defineJob({
  name: 'word-count',
  inputs: ['data'],

  // Called for each line. Every pair that it yields goes to the task that owns its key.
  *map(line) {
    for (const word of line.toLowerCase().match(/[\p{L}\p{N}']+/gu) ?? []) yield [word, 1]
  },

  // Adds up before anything travels: "the" leaves a map task once, not ten thousand times.
  combine: (_word, counts) => add(counts),

  // Called for each word, in order. `counts` may be longer than memory: it is read as it comes.
  *reduce(word, counts) {
    yield [word, add(counts)]
  },

  partitions: 4,
})
