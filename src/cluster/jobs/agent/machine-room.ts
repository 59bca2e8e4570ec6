/** Tells the master how much disk and memory there is for tasks on this machine. */
import {statfs} from 'node:fs/promises'
import {freemem, totalmem} from 'node:os'
import {messageOf} from '../../../base/index.ts'
import type {TaskNotice} from '../../../protocol/index.ts'
import type {Log} from '../../run/log.ts'
import {jobFreeBytesMin, statusEveryMs} from '../limits.ts'

export interface MachineRoomPorts {
  /** On the disk that tasks write to. */
  readonly folder: string
  /** Rejects without a link. */
  readonly send: (notice: TaskNotice) => Promise<void>
  readonly log: Log
}

/** Tells it again and again from its beginning until `close`. */
export class MachineRoom {
  readonly #ports: MachineRoomPorts
  readonly #timer: NodeJS.Timeout
  #freeBytes = Number.POSITIVE_INFINITY
  #isDraining = false

  constructor(ports: MachineRoomPorts) {
    this.#ports = ports
    this.#timer = setInterval(() => void this.tell(), statusEveryMs)
    this.#timer.unref()
  }

  /** No task is begun on such a disk. As of the last time that it was told. */
  get isDiskFull(): boolean {
    return this.#freeBytes < jobFreeBytesMin
  }

  /** From now on there is no memory for further tasks. */
  async drain(): Promise<void> {
    this.#isDraining = true
    await this.tell()
  }

  /** Never rejects: it is told again soon. */
  async tell(): Promise<void> {
    const {folder, send, log} = this.#ports
    try {
      const {bavail, blocks, bsize} = await statfs(folder)
      this.#freeBytes = bavail * bsize
      const memory = {freeMemoryBytes: this.#isDraining ? 0 : availableMemory(), totalMemoryBytes: totalmem()}
      await send({type: 'jobs-status', freeBytes: this.#freeBytes, totalBytes: blocks * bsize, ...memory})
    } catch (error) {
      log({level: 'debug', msg: 'status of jobs not told', text: messageOf(error)})
    }
  }

  close(): void {
    clearInterval(this.#timer)
  }
}

/** What the system could give without paging; `freemem` alone counts the file cache as used on some systems. */
const availableMemory = (): number => Math.max(process.availableMemory(), Math.min(freemem(), totalmem()))
