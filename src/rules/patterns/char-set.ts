/** Sets of code points. */

/** First and last code points of stretches, in ascending order, with a gap between each and the next. */
export type CharSet = readonly number[]

export const codePointMax = 0x10ffff
export const noChars: CharSet = []
export const allChars: CharSet = [0, codePointMax]
/** Digits, letters and underscore, of ASCII: what `\w` means. */
export const wordChars: CharSet = [0x30, 0x39, 0x41, 0x5a, 0x5f, 0x5f, 0x61, 0x7a]

/** @param stretches - first and last in turn, in any order */
export function charSet(stretches: readonly number[]): CharSet {
  const pairs: [number, number][] = []
  for (let at = 0; at < stretches.length; at += 2) pairs.push([stretches[at]!, stretches[at + 1]!])
  pairs.sort((a, b) => a[0] - b[0])
  const set: number[] = []
  for (const [first, last] of pairs) {
    const end = set.length - 1
    if (end > 0 && first <= set[end]! + 1) set[end] = Math.max(set[end]!, last)
    else set.push(first, last)
  }
  return set
}

export function union(left: CharSet, right: CharSet): CharSet {
  return charSet([...left, ...right])
}

/** All that are not in the set. */
export function negated(set: CharSet): CharSet {
  const rest: number[] = []
  let next = 0
  for (let at = 0; at < set.length; at += 2) {
    if (set[at]! > next) rest.push(next, set[at]! - 1)
    next = set[at + 1]! + 1
  }
  if (next <= codePointMax) rest.push(next, codePointMax)
  return rest
}

export function intersection(left: CharSet, right: CharSet): CharSet {
  return negated(union(negated(left), negated(right)))
}

/** Whether the sets have no code point in common. */
export function areApart(left: CharSet, right: CharSet): boolean {
  let at = 0
  let other = 0
  while (at < left.length && other < right.length) {
    if (left[at + 1]! < right[other]!) at += 2
    else if (right[other + 1]! < left[at]!) other += 2
    else return false
  }
  return true
}

export function isWithin(set: CharSet, outer: CharSet): boolean {
  return areApart(set, negated(outer))
}
