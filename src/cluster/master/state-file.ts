/**
 * What a master remembers: who it is, its epoch, the members. Small, and written whole: a crash leaves the old one or the new
 * one. All of it can be lost: the nodes know it, too.
 */
import {randomBytes} from 'node:crypto'
import {mkdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {errorCodeOf, messageOf, UserError} from '../../base/index.ts'
import type {ClusterView, NodeName} from '../../protocol/index.ts'
import {isDiskFull} from '../../storage/index.ts'
import type {Log} from '../run/log.ts'
import {writeDurably} from '../run/write-durably.ts'

export interface MasterMemory {
  /** 128 random bits: tells this folder from another. */
  readonly key: string
  /** The highest epoch that this folder has taken. */
  readonly epoch: number
  readonly view?: ClusterView
  /** The smallest number of copies that a tag may have had: see the tag coordinator. */
  readonly floor: number
  /** Nodes whose folder was new although their name was known, and that do not have their tags again. */
  readonly wiped: readonly NodeName[]
}

/** Of one process: the folder is locked. Ended by `close`. */
export class MasterFile {
  readonly #path: string
  readonly #log: Log
  #memory: MasterMemory
  /** Runs while the file is behind what this process knows: the disk is full. */
  #timer: NodeJS.Timeout | undefined

  /** @throws UserError CANNOT_START when the file cannot be read */
  constructor(folder: string, log: Log) {
    this.#log = log
    mkdirSync(folder, {recursive: true, mode: 0o700})
    this.#path = join(folder, 'master.json')
    this.#memory = readMemory(this.#path) ?? {key: randomBytes(16).toString('hex'), epoch: 0, floor: 1, wiped: []}
  }

  get memory(): MasterMemory {
    return this.#memory
  }

  /** Durable when it returns. @throws ClusterError DISK_FULL, and nothing is changed */
  remember(change: Partial<MasterMemory>): void {
    const memory = {...this.#memory, ...change}
    writeDurably(this.#path, JSON.stringify(memory))
    this.#memory = memory
    if (this.#timer === undefined) return
    this.close()
    this.#log({level: 'info', msg: 'there is room again: what the master knows is saved'})
  }

  /**
   * For what happened, and nobody asked for: a node came, was lost, was wiped. Durable when it returns, unless the disk is full; then as soon
   * as there is room. A master that is killed before goes on from what was saved last, and sees the same once more: nodes keep the list of
   * members, and whose folder has another key than in that list is wiped.
   */
  note(change: Partial<Pick<MasterMemory, 'view' | 'wiped'>>): void {
    try {
      this.remember(change)
    } catch (error) {
      if (!isDiskFull(error)) throw error
      if (this.#timer === undefined) this.#log({level: 'error', msg: 'the disk is full', text: messageOf(error)})
      this.#memory = {...this.#memory, ...change}
      clearTimeout(this.#timer)
      this.#timer = setTimeout(() => this.note({}), roomPauseMs)
    }
  }

  /**
   * Before what a person asks for: there is room for it. And after, before that person hears that it is done: it is durable.
   *
   * @throws ClusterError DISK_FULL when it could not be remembered, or is not yet: it takes effect all the same, and is saved when there is room
   */
  checkRoom(): void {
    this.remember({})
  }

  /** Does not wait for room. */
  close(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }
}

/** Milliseconds between two tries to write to a full disk. */
const roomPauseMs = 1000

function readMemory(path: string): MasterMemory | undefined {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') return undefined
    throw new UserError('CANNOT_START', `${path} cannot be read: ${messageOf(error)}`, {cause: error})
  }
  try {
    const memory = JSON.parse(text) as MasterMemory
    if (typeof memory.key !== 'string' || !Number.isSafeInteger(memory.epoch)) throw new Error('it has no key or epoch')
    return {...memory, floor: memory.floor ?? 1, wiped: memory.wiped ?? []}
  } catch (error) {
    throw new UserError('CANNOT_START', `${path} is damaged: ${messageOf(error)}`, {
      hint: 'move it away: the master gets everything back from its nodes',
      cause: error,
    })
  }
}
