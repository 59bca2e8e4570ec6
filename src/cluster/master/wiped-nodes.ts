/**
 * Nodes whose folder was new although their name was known, and that do not have their tags again: that such a node has no tag says nothing
 * about the tag. All nodes have the list, among the settings, and so has a master on an empty folder.
 */
import {compareText} from '../../base/index.ts'
import type {ClusterView, NodeName} from '../../protocol/index.ts'

export interface WipedPorts {
  /** As the list of members has it; undefined or '': it does not say. */
  readonly told: () => string | undefined
  /** As the master's own file has it. */
  readonly remembered: () => readonly NodeName[]
  /** Into both. */
  readonly save: (nodes: readonly NodeName[], told: string) => void
}

/** The list, and by what a new folder is known. */
export class WipedNodes {
  readonly #ports: WipedPorts
  /** Keys of folders as they were last known. */
  readonly #keys = new Map<NodeName, string>()

  /** @param members - that the master remembers */
  constructor(ports: WipedPorts, members: ClusterView['members']) {
    this.#ports = ports
    for (const {name, key} of members) this.#keys.set(name, key)
  }

  /** In the order of their names. */
  names(): readonly NodeName[] {
    const told = this.#ports.told() ?? ''
    return told === '' ? this.#ports.remembered() : told.split(' ')
  }

  has(node: NodeName): boolean {
    return this.names().includes(node)
  }

  add(node: NodeName): void {
    this.#save([...new Set([...this.names(), node])])
  }

  /** It has everything again. */
  delete(node: NodeName): void {
    this.#save(this.names().filter(one => one !== node))
  }

  /** The key of a node's folder, as it is known now. @returns whether it is another one than before; the node is on the list then */
  noteKey(node: NodeName, key: string): boolean {
    const before = this.#keys.get(node)
    this.#keys.set(node, key)
    if (before === undefined || before === key) return false
    this.add(node)
    return true
  }

  #save(nodes: NodeName[]): void {
    nodes.sort(compareText)
    this.#ports.save(nodes, nodes.join(' '))
  }
}
