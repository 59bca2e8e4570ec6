/** A pattern as it was read. */
import type {CharSet} from './char-set.ts'

export type Assertion = 'start' | 'end' | 'boundary' | 'no-boundary'

export type PatternNode =
  /** One code point. */
  | {readonly type: 'char'; readonly set: CharSet}
  | {readonly type: 'sequence'; readonly nodes: readonly PatternNode[]}
  /** The first that leads to a match counts. */
  | {readonly type: 'choice'; readonly options: readonly PatternNode[]}
  /** Its text is kept. */
  | {readonly type: 'group'; readonly node: PatternNode}
  /** `max` may be Infinity. */
  | {
      readonly type: 'repeat'
      readonly node: PatternNode
      readonly min: number
      readonly max: number
      readonly isGreedy: boolean
    }
  | {readonly type: 'assertion'; readonly assertion: Assertion}

export interface PatternTree {
  readonly root: PatternNode
  readonly groupCount: number
  /** Groups with names, in their order. */
  readonly groupNames: ReadonlyMap<string, number>
}

/** Thrown and caught in this module: why a pattern is not for RegExp, in words that go on after "it". */
export class Unsure extends Error {
  override readonly name = 'Unsure'
}

/** Whether it can match without reading anything. */
export function canBeEmpty(node: PatternNode): boolean {
  switch (node.type) {
    case 'char':
      return false
    case 'sequence':
      return node.nodes.every(canBeEmpty)
    case 'choice':
      return node.options.some(canBeEmpty)
    case 'group':
      return canBeEmpty(node.node)
    case 'repeat':
      return node.min === 0 || canBeEmpty(node.node)
    case 'assertion':
      return true
  }
}

/** The pattern with these groups only; others keep what is in them. @param kept - by number */
export function withGroups(root: PatternNode, kept: ReadonlySet<number>): PatternNode {
  let count = 0
  const visit = (node: PatternNode): PatternNode => {
    switch (node.type) {
      case 'char':
      case 'assertion':
        return node
      case 'sequence':
        return {...node, nodes: node.nodes.map(visit)}
      case 'choice':
        return {...node, options: node.options.map(visit)}
      case 'repeat':
        return {...node, node: visit(node.node)}
      case 'group': {
        const isKept = kept.has(++count)
        const inner = visit(node.node)
        return isKept ? {...node, node: inner} : inner
      }
    }
  }
  return visit(root)
}
