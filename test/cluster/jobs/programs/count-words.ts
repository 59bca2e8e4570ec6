/** Word count that can be told to take its time: `params.mapMs` for each line, `params.reduceMs` for each word. */
import {defineJob} from 'disco-inferno'

const pause = (ms: unknown): Promise<void> => new Promise(resolve => setTimeout(resolve, Number(ms ?? 0)))

const add = (counts: Iterable<number>): number => {
  let sum = 0
  for (const count of counts) sum += count
  return sum
}

export default defineJob({
  name: 'count-words',
  async map(line, {params, log}) {
    if (params['mapMs'] !== undefined) await pause(params['mapMs'])
    if (line.includes('say')) log(line)
    return line
      .split(' ')
      .filter(word => word !== '')
      .map(word => [word, 1] as [string, number])
  },
  combine: (_word, counts) => add(counts),
  async reduce(word, counts, {params}) {
    if (params['reduceMs'] !== undefined) await pause(params['reduceMs'])
    return [[word, add(counts)] as [string, number]]
  },
  partitions: 5,
})
