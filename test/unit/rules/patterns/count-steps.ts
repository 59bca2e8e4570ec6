/** A search by trying and going back, as RegExp does it, that counts its steps: characters tried, and ways taken. */
import {areApart, type CharSet} from '../../../../src/rules/patterns/char-set.ts'
import type {Assertion, PatternNode} from '../../../../src/rules/patterns/tree.ts'

/** @param firstRun - places behind such a character are not tried; @throws RangeError past `stepsMax` */
export function countSteps(root: PatternNode, text: string, firstRun?: CharSet, stepsMax = 10_000_000): number {
  let steps = 0
  const has = (set: CharSet, at: number): boolean => !areApart(set, [text.charCodeAt(at), text.charCodeAt(at)])
  const isWord = (at: number): boolean => /\w/.test(text[at] ?? '')
  const holds = (assertion: Assertion, at: number): boolean => {
    if (assertion === 'start') return at === 0
    if (assertion === 'end') return at === text.length
    return (isWord(at - 1) !== isWord(at)) === (assertion === 'boundary')
  }
  const step = (): void => {
    if (++steps > stepsMax) throw new RangeError(`more than ${stepsMax} steps`)
  }
  type Then = (at: number) => boolean
  const attempt = (node: PatternNode, at: number, then: Then): boolean => {
    step()
    switch (node.type) {
      case 'char':
        return at < text.length && has(node.set, at) && then(at + 1)
      case 'assertion':
        return holds(node.assertion, at) && then(at)
      case 'group':
        return attempt(node.node, at, then)
      case 'sequence': {
        const from = (index: number, place: number): boolean =>
          index === node.nodes.length ? then(place) : attempt(node.nodes[index]!, place, next => from(index + 1, next))
        return from(0, at)
      }
      case 'choice':
        return node.options.some(option => attempt(option, at, then))
      case 'repeat': {
        const {min, max, isGreedy} = node
        const round = (count: number, place: number): boolean => {
          const another = (): boolean => count < max && attempt(node.node, place, next => round(count + 1, next))
          if (count < min) return another()
          return isGreedy ? another() || then(place) : then(place) || another()
        }
        return round(0, at)
      }
    }
  }
  for (let at = 0; at <= text.length; at++) {
    if (firstRun !== undefined && at > 0 && has(firstRun, at - 1)) continue
    if (attempt(root, at, () => true)) break
  }
  return steps
}
