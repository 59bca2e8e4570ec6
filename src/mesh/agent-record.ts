/**
 * What an agent knows of its cluster, over links and restarts: the epoch that it has promised, the list of members, and when it was last in
 * contact. What must not be forgotten is persisted before it counts.
 */
import {type ClusterView, compareVersions, type Hello, isSameVersion} from '../protocol/index.ts'
import {contactNoteMs} from './limits.ts'

/** What an agent's folder remembers. All absent or 0 in a new folder. */
export interface AgentMemory {
  /** Highest epoch promised, and the key of the master that has it. */
  readonly epoch: number
  readonly epochOf?: string
  /** Wall clock of this node. */
  readonly lastContactAtMs?: number
  readonly view?: ClusterView
}

/** Where it is persisted. */
export interface AgentRecordPorts {
  /**
   * Persists that no order of a lower epoch, or of another master with this one, is followed from here on. Called before every
   * link. @returns false when a higher one was promised meanwhile
   */
  readonly promiseEpoch: (epoch: number, master: string) => boolean
  /** To be persisted: master and peers are asked by it after a restart. */
  readonly rememberView: (view: ClusterView) => void
  /** To be persisted: now and then while there is contact. Wall clock. */
  readonly rememberContact: (atMs: number) => void
}

/** Part of a hello that says what the folder has seen. */
export type Seen = Pick<Hello, 'epoch' | 'epochOf' | 'lastContactAtMs' | 'cluster' | 'view'>

/** Starts with what the folder remembers. */
export class AgentRecord {
  readonly #ports: AgentRecordPorts
  #view: ClusterView | undefined
  #epoch: number
  #epochOf: string | undefined
  #lastContactAtMs: number | undefined
  #notedAtMs = Number.NEGATIVE_INFINITY

  constructor(memory: AgentMemory, ports: AgentRecordPorts) {
    this.#ports = ports
    this.#view = memory.view
    this.#epoch = memory.epoch
    this.#epochOf = memory.epochOf
    this.#lastContactAtMs = memory.lastContactAtMs
  }

  /** As a master told it last, or as the folder remembers it; undefined: it never was in a cluster. */
  get view(): ClusterView | undefined {
    return this.#view
  }

  /** The highest one promised. */
  get epoch(): number {
    return this.#epoch
  }

  /** For a hello to a master, which may know less than this node; peers need no view. */
  seen(to: Hello['to']): Seen {
    return {
      epoch: this.#epoch,
      ...(this.#epochOf !== undefined && {epochOf: this.#epochOf}),
      ...(this.#lastContactAtMs !== undefined && {lastContactAtMs: this.#lastContactAtMs}),
      ...(this.#view !== undefined && {cluster: this.#view.cluster}),
      ...(this.#view !== undefined && to === 'master' && {view: this.#view}),
    }
  }

  /**
   * Promises an epoch to the master that has it. Nothing changes when it cannot be.
   *
   * @returns whether it is promised; not when a higher one was, or this one to another master
   * @throws what `promiseEpoch` throws: what cannot be persisted cannot be promised
   */
  promise(epoch: number, master: string): boolean {
    if (epoch < this.#epoch || (epoch === this.#epoch && this.#epochOf !== master)) return false
    if (!this.#ports.promiseEpoch(epoch, master)) return false
    this.#epoch = epoch
    this.#epochOf = master
    return true
  }

  /** Whether a list is older than the one known. Those of different clusters cannot be compared. */
  isOlder(view: ClusterView): boolean {
    return this.#view?.cluster === view.cluster && compareVersions(view.version, this.#view.version) < 0
  }

  /** Takes a list that is not older. */
  takeView(view: ClusterView): void {
    if (this.#view?.cluster === view.cluster && isSameVersion(view.version, this.#view.version)) return
    this.#view = view
    this.#ports.rememberView(view)
  }

  /** There is contact with the master. @param isNow - it matters to the moment, so it is persisted now */
  noteContact(isNow: boolean): void {
    this.#lastContactAtMs = Date.now()
    const nowMs = performance.now()
    if (!isNow && nowMs - this.#notedAtMs < contactNoteMs) return
    this.#notedAtMs = nowMs
    this.#ports.rememberContact(this.#lastContactAtMs)
  }
}
