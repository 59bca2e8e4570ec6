import type {Phase, ProgressDisplay, ProgressSnapshot} from '../ui/index.ts'
import type {ScanSnapshot} from '../worker/index.ts'
import {clockMs} from './clock.ts'

/** Scan snapshots as the progress display wants them. */
export class ScanProgress {
  readonly #display: ProgressDisplay
  readonly #startedMs: number
  #last: ProgressSnapshot = {
    phase: 'scan',
    elapsedMs: 0,
    bytesDone: 0,
    bytesTotal: null,
    records: 0,
    bad: 0,
    threads: [],
  }

  constructor(display: ProgressDisplay, startedMs: number) {
    this.#display = display
    this.#startedMs = startedMs
  }

  scan({sourceBytes, sourceBytesTotal, records, bad, scanners}: ScanSnapshot): void {
    const threads = scanners.map(({bytes, isBusy}) => ({
      bytesDone: bytes,
      state: isBusy ? ('busy' as const) : ('idle' as const),
    }))
    this.#update({
      phase: 'scan',
      elapsedMs: 0,
      bytesDone: sourceBytes,
      bytesTotal: sourceBytesTotal,
      records,
      bad,
      threads,
    })
  }

  phase(phase: Phase): void {
    this.#update({...this.#last, phase})
  }

  #update(snapshot: ProgressSnapshot): void {
    this.#last = {...snapshot, elapsedMs: clockMs() - this.#startedMs}
    this.#display.update(this.#last)
  }
}
