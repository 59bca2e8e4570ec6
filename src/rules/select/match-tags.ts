/** Tags that are asked for are prefixes, character by character (spec 9.1). */
import {compareText} from '../../base/index.ts'

export interface MatchedTags {
  /** Each once, in the order in which they are visited. */
  readonly tags: readonly string[]
  /** Prefixes that no tag begins with. */
  readonly unmatched: readonly string[]
  /** Tags that were matched in the middle of a part: perhaps a sibling that was not meant (D31). */
  readonly ragged: readonly {readonly asked: string; readonly tag: string}[]
}

/** @param known - names in the store, any order; others may be among them */
export function matchTags(requested: readonly string[], known: readonly string[], newestFirst: boolean): MatchedTags {
  const sorted = [...new Set(known)].sort(compareText)
  const matched = new Set<string>()
  const ended = new Set<string>()
  const ragged = new Map<string, string>()
  const unmatched: string[] = []
  for (const asked of requested) {
    let isMatched = false
    for (let index = firstFrom(sorted, asked); sorted[index]?.startsWith(asked) === true; index++) {
      const tag = sorted[index]!
      isMatched = true
      matched.add(tag)
      if (endsAtPart(tag, asked)) ended.add(tag)
      else if (!ragged.has(tag)) ragged.set(tag, asked)
    }
    if (!isMatched) unmatched.push(asked)
  }
  const tags = [...matched].sort(newestFirst ? (a, b) => compareText(b, a) : compareText)
  return {
    tags,
    unmatched,
    ragged: [...ragged].filter(([tag]) => !ended.has(tag)).map(([tag, asked]) => ({asked, tag})),
  }
}

const endsAtPart = (tag: string, asked: string): boolean =>
  tag.length === asked.length || asked.endsWith(':') || asked === '' || tag[asked.length] === ':'

/** Index of the first name that is not before `text`. */
function firstFrom(sorted: readonly string[], text: string): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (compareText(sorted[middle]!, text) < 0) low = middle + 1
    else high = middle
  }
  return low
}
