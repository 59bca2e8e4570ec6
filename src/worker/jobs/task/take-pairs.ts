/** What the author's functions give back, as pairs. Plain ones are taken at once: an await per record costs more than most maps. */
import {inspect} from 'node:util'
import type {Pairs} from '../../../jobs/index.ts'

export type Emit = (key: unknown, value: unknown) => void

/** @returns a promise only when the function gave one, or an async generator; @throws TypeError for what holds no pairs */
export function takePairs(given: Pairs, what: string, emit: Emit): undefined | Promise<void> {
  if (given === undefined || given === null) return undefined
  if (typeof given === 'object') {
    if (Symbol.iterator in given) {
      for (const pair of given) takePair(pair, what, emit)
      return undefined
    }
    if (Symbol.asyncIterator in given) return takeAsync(given, what, emit)
    if ('then' in given) return given.then(pairs => takePairs(pairs as Pairs, what, emit))
  }
  throw new TypeError(`${what} gives back pairs [[key, value], …] or nothing, not ${inspect(given)}`)
}

async function takeAsync(given: AsyncIterable<unknown>, what: string, emit: Emit): Promise<void> {
  for await (const pair of given) takePair(pair, what, emit)
}

function takePair(pair: unknown, what: string, emit: Emit): void {
  if (!Array.isArray(pair) || pair.length !== 2)
    throw new TypeError(`${what} gives pairs [key, value], not ${inspect(pair, {depth: 1, breakLength: 200})}`)
  emit(pair[0], pair[1])
}
