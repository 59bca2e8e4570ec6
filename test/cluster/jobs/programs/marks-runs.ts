/**
 * Word count that notes each of its runs in the file `params.marks`: one line when it begins and one when it ends, with the
 * process that runs it. `params.mapMs` for each line, `params.reduceMs` for each word: how long it takes.
 */
import {appendFileSync} from 'node:fs'
import {defineJob, type JobContext} from 'disco-inferno'

const pause = (ms: unknown): Promise<void> => new Promise(resolve => setTimeout(resolve, Number(ms ?? 0)))

const add = (counts: Iterable<number>): number => {
  let sum = 0
  for (const count of counts) sum += count
  return sum
}

function mark(what: 'begin' | 'end', {params, task}: JobContext): void {
  const file = params['marks']
  if (typeof file === 'string') appendFileSync(file, `${what} ${task.stage}:${task.task} ${task.run} ${process.pid}\n`)
}

export default defineJob({
  name: 'marks-runs',
  stages: [
    {
      name: 'map',
      grouping: 'split',
      sort: true,
      partitions: 5,
      init: context => mark('begin', context),
      async *process(lines, {params}) {
        for await (const line of lines as AsyncIterable<string>) {
          if (params['mapMs'] !== undefined) await pause(params['mapMs'])
          for (const word of line.split(' ')) if (word !== '') yield [word, 1]
        }
      },
      combine: (_word, counts) => add(counts as Iterable<number>),
      done: context => {
        mark('end', context)
        return []
      },
    },
    {
      name: 'reduce',
      grouping: 'group-label',
      merge: true,
      init: context => mark('begin', context),
      async *process(input, {params}) {
        for (const [word, counts] of input.groups()) {
          if (params['reduceMs'] !== undefined) await pause(params['reduceMs'])
          yield [word, add(counts as Iterable<number>)]
        }
      },
      done: context => {
        mark('end', context)
        return []
      },
    },
  ],
})
