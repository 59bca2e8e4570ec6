/**
 * Runs that are done on their way to the record file and to the master: of tiny tasks several share a write and a notice.
 *
 * A run is recorded before it is told. While others wait for their turn nobody waits for the word that one is done, so it is
 * told a moment later, with what ends meanwhile.
 */
import type {RunName} from '../../../protocol/index.ts'
import type {RunRecord} from './run-files.ts'
import type {RunOutcome} from './task-runner.ts'

export type DoneOutcome = Extract<RunOutcome, {state: 'done'}>

export interface EndedRun {
  readonly name: RunName
  readonly outcome: DoneOutcome
}

export interface EndedRunsPorts {
  readonly write: (records: readonly RunRecord[]) => void
  /** Rejects without a link: the next report tells them. */
  readonly tell: (ends: readonly EndedRun[]) => Promise<void>
  /** Does a slot wait for what the master says to it? */
  readonly isHurried: () => boolean
  /** They could not be written: they are not told. */
  readonly onBroken: (ends: readonly EndedRun[], error: unknown) => void
}

/** How long the end of a run waits for others, milliseconds: a few tiny tasks. */
const gatherMs = 2

/** Ended by `close`, which records what has gathered. */
export class EndedRuns {
  readonly #ports: EndedRunsPorts
  #records: RunRecord[] = []
  #ends: EndedRun[] = []
  #timer: NodeJS.Timeout | undefined

  constructor(ports: EndedRunsPorts) {
    this.#ports = ports
  }

  add(record: RunRecord, outcome: DoneOutcome): void {
    const {job, task, run} = record
    this.#records.push(record)
    this.#ends.push({name: {job, task, run}, outcome})
    if (this.#ports.isHurried()) this.flush()
    else this.#timer ??= setTimeout(() => this.flush(), gatherMs)
  }

  /** Writes and tells what has gathered. */
  flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const ends = this.#ends
    const records = this.#records
    if (ends.length === 0) return
    this.#ends = []
    this.#records = []
    try {
      this.#ports.write(records)
    } catch (error) {
      this.#ports.onBroken(ends, error)
      return
    }
    // Without a link nothing is lost: the next report tells what is done.
    this.#ports.tell(ends).catch(() => undefined)
  }

  /** What is done is recorded, so that the next start finds it. */
  close(): void {
    this.flush()
  }
}
