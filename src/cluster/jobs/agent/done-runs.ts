/**
 * Runs that are done and that the master has not said to count yet. Their ends are recorded, then told; a run whose end cannot be recorded
 * has failed, because the next start of this process would have forgotten it.
 */
import {messageOf} from '../../../base/index.ts'
import {type NodeName, type RunName, runTextLengthMax} from '../../../protocol/index.ts'
import type {Log} from '../../run/log.ts'
import {type DoneOutcome, type EndedRun, EndedRuns} from './ended-runs.ts'
import type {RunFiles, RunRecord} from './run-files.ts'
import type {RunReporter} from './run-reporter.ts'

export interface DoneRunsPorts {
  readonly node: NodeName
  readonly files: Pick<RunFiles, 'write'>
  readonly reporter: Pick<RunReporter, 'end' | 'endAll'>
  /** Somebody waits for the slot of a run that ends: its end is told at once. */
  readonly isHurried: () => boolean
  /** Removes what a run made. */
  readonly remove: (name: RunName) => Promise<void>
  readonly log: Log
}

/** Ended by `close`. */
export class DoneRuns {
  readonly #ports: DoneRunsPorts
  readonly #records = new Map<number, RunRecord>()
  readonly #ends: EndedRuns

  /** @param recovered - of the process before */
  constructor(ports: DoneRunsPorts, recovered: Iterable<RunRecord>) {
    this.#ports = ports
    for (const record of recovered) if (record.state === 'done') this.#records.set(record.run, record)
    this.#ends = new EndedRuns({
      write: records => ports.files.write(records.filter(({run}) => this.#records.has(run))),
      tell: ends => ports.reporter.endAll(ends),
      isHurried: ports.isHurried,
      onBroken: (ends, error) => void this.#failUnrecorded(ends, error),
    })
  }

  has(run: number): boolean {
    return this.#records.has(run)
  }

  /** As they are now, in the order in which they ended. */
  records(): RunRecord[] {
    return [...this.#records.values()]
  }

  /** It is done. Recorded and told soon. */
  add(record: RunRecord, outcome: DoneOutcome): void {
    this.#records.set(record.run, record)
    this.#ends.add(record, outcome)
  }

  /** They count: they are reported no more. Others are not touched. */
  accept(runs: readonly number[]): void {
    const accepted = runs.flatMap(run => this.#records.get(run) ?? [])
    this.#ports.files.write(accepted.map(record => ({...record, state: 'accepted'})))
    for (const {run} of accepted) this.#records.delete(run)
  }

  /** It is as if it had never been. */
  drop(run: number): void {
    this.#records.delete(run)
  }

  /** The same for all runs of a job. */
  dropJob(job: string): void {
    for (const record of this.records()) if (record.job === job) this.#records.delete(record.run)
  }

  /** What waits to be recorded is recorded now. */
  flush(): void {
    this.#ends.flush()
  }

  close(): void {
    this.#ends.close()
  }

  async #failUnrecorded(ends: readonly EndedRun[], error: unknown): Promise<void> {
    const {log, node, reporter, remove} = this.#ports
    log({level: 'error', msg: 'ends of runs not recorded', text: messageOf(error)})
    const message = `${node} could not record its end: ${messageOf(error)}`.slice(0, runTextLengthMax)
    for (const {name} of ends) {
      this.#records.delete(name.run)
      // Unheard it is not lost: the next report lacks the run, and it is ordered again.
      await reporter.end(name, {state: 'failed', failure: {class: 'error', message}}).catch(() => undefined)
      await remove(name)
    }
  }
}
