/** What Disco's interface remembers beside the cluster's own state: a small file in the master's folder. */
import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {errorCodeOf, messageOf, UserError} from '../../base/index.ts'
import {isObject, type NodeName, type NodeRow, problemOf} from '../../protocol/index.ts'
import {writeDurably} from '../run/write-durably.ts'

export interface LegacyMemory {
  /** Rows as they were saved; undefined: the nodes that are there. */
  readonly table?: readonly NodeRow[]
  /** Get no tasks and no new data. */
  readonly blacklist: readonly NodeName[]
  readonly acceptsJobs: boolean
  /** Jobs that a client said to forget. */
  readonly cleaned: readonly string[]
}

/** Written whole; what it says outlives the master's process. */
export class LegacyFile {
  readonly #path: string
  #memory: LegacyMemory

  /** @throws UserError CANNOT_START when the file is there and cannot be read */
  constructor(folder: string) {
    this.#path = join(folder, 'legacy.json')
    this.#memory = readMemory(this.#path)
  }

  get memory(): LegacyMemory {
    return this.#memory
  }

  /** Durable when it returns. */
  remember(change: Partial<LegacyMemory>): void {
    const memory = {...this.#memory, ...change}
    writeDurably(this.#path, JSON.stringify(memory))
    this.#memory = memory
  }
}

const nothing: LegacyMemory = {blacklist: [], acceptsJobs: true, cleaned: []}

function readMemory(path: string): LegacyMemory {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'))
    const isGood =
      isObject(value) &&
      problemOf(value['blacklist'], {list: 'string'}) === undefined &&
      problemOf(value['cleaned'], {list: 'string'}) === undefined
    if (!isGood) throw new Error('it holds something else')
    return {...nothing, ...value}
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') return nothing
    throw new UserError('CANNOT_START', `${path} cannot be read: ${messageOf(error)}`, {
      hint: "move it away: it holds blacklists and the node table of Disco's interface",
      cause: error,
    })
  }
}
