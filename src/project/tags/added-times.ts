/** When entries were put into their tags, as far as a tag's history tells it. */
import {type ClusterClient, readManyTags} from '../../client/index.ts'
import type {TagLogLine} from '../../protocol/index.ts'
import {historiesReadMax} from './limits.ts'

/** Milliseconds since 1970 by tag and place of the entry in it; places that the history does not reach have none. */
export type AddedTimes = (tag: string, place: number) => number | undefined

/** What came along with other answers, by tag. */
export type Histories = ReadonlyMap<string, readonly TagLogLine[]>

/**
 * @param tags - with the number of their entries; of a few the history is wanted, the first ones
 * @param known - histories that need not be asked for
 */
export async function addedTimes(
  client: ClusterClient,
  tags: ReadonlyMap<string, number>,
  known: Histories,
  signal: AbortSignal,
): Promise<AddedTimes> {
  const times = new Map<string, readonly (number | undefined)[]>()
  const names = [...tags.keys()].slice(0, historiesReadMax)
  const add = (tag: string, lines: readonly TagLogLine[]): void => {
    times.set(tag, timesOf(lines, tags.get(tag) ?? 0))
  }
  for (const tag of names) add(tag, known.get(tag) ?? [])
  const others = names.filter(tag => !known.has(tag))
  for await (const {tag, lines = []} of readManyTags(client, others, 'log', {signal})) add(tag, lines)
  return (tag, place) => times.get(tag)?.[place]
}

/**
 * The last entries are those of the newest changes. What was taken out leaves no place, so nothing is known before a change
 * that took something out.
 */
export function timesOf(lines: readonly TagLogLine[], entryCount: number): readonly (number | undefined)[] {
  const times: (number | undefined)[] = Array.from({length: entryCount}, () => undefined)
  let place = entryCount
  const newestFirst = [...lines].sort(({version: a}, {version: b}) => b.epoch - a.epoch || b.counter - a.counter)
  for (const {addedCount, removedCount, atMs} of newestFirst) {
    for (let count = 0; count < addedCount && place > 0; count++) times[--place] = atMs
    if (removedCount > 0) break
  }
  return times
}
