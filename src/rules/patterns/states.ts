/** A pattern as what is left to match at each of its places: a state is the pattern's rest from there to its end. */
import {type CharSet, noChars, union} from './char-set.ts'
import {statesMax} from './limits.ts'
import {type Assertion, type PatternNode, Unsure} from './tree.ts'

export type State =
  /** The pattern has matched. */
  | {readonly type: 'match'}
  | {readonly type: 'char'; readonly set: CharSet; readonly next: State}
  | {readonly type: 'assertion'; readonly assertion: Assertion; readonly next: State}
  /** Tried in their order. */
  | {readonly type: 'choice'; readonly options: readonly State[]}
  /** `min` characters of one set, or more. */
  | {
      readonly type: 'run'
      readonly set: CharSet
      readonly min: number
      readonly isGreedy: boolean
      readonly next: State
    }
  /** Any number of rounds of something longer. `body` ends in `back`; `round` is one round alone, as a pattern of its own. */
  | {readonly type: 'loop'; readonly body: State; readonly round: State; readonly next: State}
  /** Another round, or what is behind the loop. */
  | {readonly type: 'back'; readonly round: State; readonly next: State}

/** What a state can read first; `canEnd`: it can also match without reading. */
export interface First {
  readonly chars: CharSet
  readonly canEnd: boolean
}

const match: State = {type: 'match'}

/** @throws Unsure when the pattern is too large */
export function statesOf(root: PatternNode): State {
  let count = 0
  const made = (state: State): State => {
    if (++count > statesMax) throw new Unsure('is too large')
    return state
  }
  const build = (node: PatternNode, next: State): State => {
    switch (node.type) {
      case 'char':
        return made({type: 'char', set: node.set, next})
      case 'assertion':
        return made({type: 'assertion', assertion: node.assertion, next})
      case 'group':
        return build(node.node, next)
      case 'sequence':
        return node.nodes.reduceRight((rest, inner) => build(inner, rest), next)
      case 'choice':
        return made({type: 'choice', options: node.options.map(option => build(option, next))})
      case 'repeat': {
        const {min, max, isGreedy} = node
        const run = runOf(node)
        if (run !== undefined) return made({type: 'run', set: run, min, isGreedy, next})
        let rest = next
        if (max === Infinity) rest = roundsOf(node.node, next)
        // x{2,4} is xx(?:x(?:x)?)?, from its end on.
        else
          for (let left = max - min; left > 0; left--) {
            const more = build(node.node, rest)
            rest = made({type: 'choice', options: isGreedy ? [more, next] : [next, more]})
          }
        for (let left = min; left > 0; left--) rest = build(node.node, rest)
        return rest
      }
    }
  }
  const roundsOf = (node: PatternNode, next: State): State => {
    const round = build(node, match)
    return made({type: 'loop', round, body: build(node, made({type: 'back', round, next})), next})
  }
  return build(root, match)
}

/** The set of a repetition without end of one character; undefined for other nodes. */
export function runOf(node: PatternNode): CharSet | undefined {
  if (node.type !== 'repeat' || node.max !== Infinity) return undefined
  const inner = node.node.type === 'group' ? node.node.node : node.node
  return inner.type === 'char' ? inner.set : undefined
}

/** Answers what states read first, each once. */
export class Firsts {
  readonly #known = new Map<State, First>()

  of(state: State): First {
    const known = this.#known.get(state)
    if (known !== undefined) return known
    const found = this.#find(state)
    this.#known.set(state, found)
    return found
  }

  /** Whether the next character decides which of the states goes on. */
  areApart(states: readonly State[]): boolean {
    let chars = noChars
    let ends = 0
    let count = 0
    for (const state of states) {
      const first = this.of(state)
      const together = union(chars, first.chars)
      count += sizeOf(first.chars)
      if (sizeOf(together) < count) return false
      chars = together
      if (first.canEnd) ends++
    }
    return ends <= 1
  }

  #find(state: State): First {
    switch (state.type) {
      case 'match':
        return {chars: noChars, canEnd: true}
      case 'char':
        return {chars: state.set, canEnd: false}
      case 'assertion':
        return this.of(state.next)
      case 'choice':
        return this.#ofAny(state.options)
      case 'run': {
        if (state.min > 0) return {chars: state.set, canEnd: false}
        const {chars, canEnd} = this.of(state.next)
        return {chars: union(state.set, chars), canEnd}
      }
      case 'loop':
      case 'back': {
        const {chars, canEnd} = this.of(state.next)
        return {chars: union(this.of(state.round).chars, chars), canEnd}
      }
    }
  }

  #ofAny(states: readonly State[]): First {
    const firsts = states.map(state => this.of(state))
    return {
      chars: firsts.reduce<CharSet>((chars, first) => union(chars, first.chars), noChars),
      canEnd: firsts.some(first => first.canEnd),
    }
  }
}

function sizeOf(set: CharSet): number {
  let size = 0
  for (let at = 0; at < set.length; at += 2) size += set[at + 1]! - set[at]! + 1
  return size
}
