/**
 * On which link each node is, as the cores are told it. A node is in from the beginning of its inventory until that link ends: before, it gets
 * no orders, because it may have lost what it had.
 */
import type {NodeName} from '../../protocol/index.ts'

interface NodeLink {
  /** Grows with each link of the node. */
  number: number
  /** The mesh's number of it. */
  connection: number | undefined
  isIn: boolean
}

/** Numbers are the master's own: what a link that has ended still tells is known by its number. */
export class NodeLinks {
  readonly #links = new Map<NodeName, NodeLink>()

  /** Its inventory begins on this connection of the mesh. @returns the number of the link */
  begin(node: NodeName, connection: number | undefined): number {
    const link = this.#links.get(node) ?? {number: 0, connection: undefined, isIn: false}
    link.number++
    link.connection = connection
    link.isIn = true
    this.#links.set(node, link)
    return link.number
  }

  /** The number of its link; undefined: it is not in. */
  numberOf(node: NodeName): number | undefined {
    const link = this.#links.get(node)
    return link?.isIn === true ? link.number : undefined
  }

  /** The mesh has this connection to it, or none. @returns whether the node was in, and is not any more: its link ended, or was replaced */
  leaves(node: NodeName, connection: number | undefined): boolean {
    const link = this.#links.get(node)
    if (link?.isIn !== true || link.connection === connection) return false
    link.isIn = false
    return true
  }

  forget(node: NodeName): void {
    this.#links.delete(node)
  }

  /** Everything is begun again. @returns nodes that were known */
  forgetAll(): NodeName[] {
    const nodes = [...this.#links.keys()]
    this.#links.clear()
    return nodes
  }
}
